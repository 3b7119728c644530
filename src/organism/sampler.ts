import { type Chance, sampleChance } from './chance.ts';
import { drawToken } from './draw.ts';
import { Inference, type InferenceRow, ROWS, SLOTS } from './inference.ts';
import type { Parameters, Shape } from './parameters.ts';
import { EOS } from './world/tokenizer.ts';

/** One sequence to continue. Every one draws from its own stream, so that its batch does not matter. */
export interface Prompt {
  readonly tokens: readonly number[];
  readonly seed: number;
  readonly maxTokens: number;
  /** 0 takes the likeliest token. */
  readonly temperature: number;
  /** Only the likeliest tokens that together reach this probability are drawn; 1 for all. */
  readonly topP: number;
}

export interface Continuation {
  /** Without the end token. */
  readonly tokens: readonly number[];
  /** log p of each token at temperature 1, that of the end token last where it was drawn. */
  readonly logProbabilities: readonly number[];
  readonly stop: 'end' | 'length';
}

interface Live {
  readonly slot: number;
  readonly prompt: Prompt;
  readonly chance: Chance;
  readonly tokens: number[];
  readonly logProbabilities: number[];
  stop: 'end' | 'length' | null;
}

/** Batched decoding with a key–value cache. */
export class Sampler {
  readonly #inference: Inference;
  /** Words that may be drawn: padding rows of the vocabulary never are. */
  readonly #words: number;

  private constructor(inference: Inference, words: number) {
    this.#inference = inference;
    this.#words = words;
  }

  /** @throws RangeError when a size does not divide into the kernels' blocks */
  static async start(shape: Shape, parameters: Parameters, words: number): Promise<Sampler> {
    return new Sampler(await Inference.start(shape, parameters), words);
  }

  /** Takes other weights of the same shape. */
  load(parameters: Parameters): void {
    this.#inference.load(parameters);
  }

  /** Continues every prompt; the same prompt with the same seed gives the same continuation in any batch. */
  generate(prompts: readonly Prompt[]): Continuation[] {
    const done: Continuation[] = [];
    for (let start = 0; start < prompts.length; start += SLOTS) {
      done.push(...this.#generateBatch(prompts.slice(start, start + SLOTS)));
    }
    return done;
  }

  /**
   * The log probability of each token of a continuation, at temperature 1.
   *
   * @param prompt at least one token; both together are at most as long as the context
   */
  logProbabilities(prompt: readonly number[], continuation: readonly number[]): number[] {
    const tokens = [...prompt, ...continuation.slice(0, -1)];
    const rows = tokens.map((token, position): InferenceRow => {
      return { slot: 0, position, token, before: tokens[position - 1] ?? null };
    });
    const ends = continuation.map((_, i) => prompt.length - 1 + i);
    this.#inference.forward(rows, ends);
    return continuation.map((token, i) => {
      const logits = this.#inference.logits(i).subarray(0, this.#words);
      const highest = logits.reduce((best, logit) => Math.max(best, logit), Number.NEGATIVE_INFINITY);
      const total = logits.reduce((sum, logit) => sum + Math.exp(logit - highest), 0);
      return logits[token]! - highest - Math.log(total);
    });
  }

  #generateBatch(prompts: readonly Prompt[]): Continuation[] {
    const all: Live[] = prompts.map((prompt, slot) => ({
      slot,
      prompt,
      chance: sampleChance(prompt.seed),
      tokens: [],
      logProbabilities: [],
      stop: null,
    }));
    this.#prefill(all);
    for (;;) {
      const live = all.filter((one) => one.stop === null);
      if (live.length === 0) break;
      this.#step(live, live.map(nextRow), [...live.keys()]);
    }
    return all.map(({ tokens, logProbabilities, stop }) => ({
      tokens,
      logProbabilities,
      stop: stop ?? 'length',
    }));
  }

  /** Runs the prompts through the layers, as many at once as there are rows for, and draws each one's first token. */
  #prefill(all: readonly Live[]): void {
    let rows: InferenceRow[] = [];
    let begun: Live[] = [];
    let ends: number[] = [];
    const flush = () => {
      if (rows.length > 0) this.#step(begun, rows, ends);
      [rows, begun, ends] = [[], [], []];
    };
    for (const one of all) {
      const { tokens } = one.prompt;
      if (tokens.length === 0 || tokens.length >= this.#inference.shape.context) {
        one.stop = 'length';
        continue;
      }
      if (rows.length + tokens.length > ROWS) flush();
      for (const [position, token] of tokens.entries()) {
        rows.push({ slot: one.slot, position, token, before: tokens[position - 1] ?? null });
      }
      begun.push(one);
      ends.push(rows.length - 1);
    }
    flush();
  }

  /** Puts the rows through the layers and draws a token for each sequence, from the row where it ends. */
  #step(sequences: readonly Live[], rows: readonly InferenceRow[], ends: readonly number[]): void {
    this.#inference.forward(rows, ends);
    for (const [i, one] of sequences.entries()) this.#draw(one, this.#inference.logits(i));
  }

  /** Draws a token and says whether the sequence ends with it. */
  #draw(one: Live, logits: Float32Array): void {
    const { prompt, chance, tokens, logProbabilities } = one;
    const { token, logProbability } = drawToken(logits.subarray(0, this.#words), prompt, chance);
    logProbabilities.push(logProbability);
    if (token === EOS) {
      one.stop = 'end';
      return;
    }
    tokens.push(token);
    const full = prompt.tokens.length + tokens.length >= this.#inference.shape.context;
    if (full || tokens.length >= prompt.maxTokens) one.stop = 'length';
  }
}

function nextRow({ slot, prompt, tokens }: Live): InferenceRow {
  const position = prompt.tokens.length + tokens.length - 1;
  const before = tokens.length > 1 ? tokens.at(-2) : prompt.tokens.at(-1);
  return { slot, position, token: tokens.at(-1) as number, before: before as number };
}
