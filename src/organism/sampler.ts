import { type Chance, sampleChance } from './chance.ts';
import { COLUMN_BLOCK, type Matmul, matmulOn, ROW_BLOCK } from './matmul-kernel.ts';
import { type Parameters, type Shape, sizeOf, tensorShapes } from './parameters.ts';
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

/** The most sequences that are decoded at once, and the most rows that one pass through the layers takes. */
const SLOTS = 192;
const ROWS = 2048;

/** Byte offsets of everything in the wasm memory: weights, activations, and a cache of keys and values a slot. */
interface Layout {
  readonly weights: Readonly<Record<string, number>>;
  readonly unembedding: number;
  readonly x: number;
  readonly normed: number;
  readonly query: number;
  readonly key: number;
  readonly value: number;
  readonly attended: number;
  readonly hidden: number;
  readonly last: number;
  readonly logits: number;
  readonly keys: readonly number[];
  readonly values: readonly number[];
  readonly bytes: number;
}

function layoutOf(shape: Shape): Layout {
  let end = 1024;
  const place = (floats: number): number => {
    const at = end;
    end = (end + 4 * floats + 63) & ~63;
    return at;
  };
  const { width, vocabulary, layers, context } = shape;
  const weights = Object.fromEntries(
    Object.entries(tensorShapes(shape)).map(([name, dimensions]) => [name, place(sizeOf(dimensions))]),
  );
  const cache = () => Array.from({ length: layers }, () => place(SLOTS * context * width));
  const rows = () => place(ROWS * width);
  const parts = {
    weights,
    unembedding: place(width * vocabulary),
    x: rows(),
    normed: rows(),
    query: rows(),
    key: rows(),
    value: rows(),
    attended: rows(),
    hidden: place(ROWS * 4 * width),
    last: place((SLOTS + ROW_BLOCK) * width),
    logits: place((SLOTS + ROW_BLOCK) * vocabulary),
    keys: cache(),
    values: cache(),
  };
  return { ...parts, bytes: end };
}

/** A row on its way through the layers: which cache slot it belongs to, its position there, its token and the one before. */
interface Row {
  readonly slot: number;
  readonly position: number;
  readonly token: number;
  readonly before: number | null;
}

interface Live {
  readonly index: number;
  readonly slot: number;
  readonly prompt: Prompt;
  readonly chance: Chance;
  readonly tokens: number[];
  readonly logProbabilities: number[];
  stop: 'end' | 'length' | null;
}

/** Batched decoding with a key–value cache, over a small wasm matrix kernel. */
export class Sampler {
  readonly #shape: Shape;
  /** Words that may be drawn: padding rows of the vocabulary never are. */
  readonly #words: number;
  readonly #layout: Layout;
  readonly #floats: Float32Array;
  readonly #matmul: Matmul;

  private constructor(
    shape: Shape,
    words: number,
    layout: Layout,
    memory: WebAssembly.Memory,
    matmul: Matmul,
  ) {
    this.#shape = shape;
    this.#words = words;
    this.#layout = layout;
    this.#floats = new Float32Array(memory.buffer);
    this.#matmul = matmul;
  }

  /** @throws RangeError when a size does not divide into the kernel's blocks */
  static async start(shape: Shape, parameters: Parameters, words: number): Promise<Sampler> {
    if (shape.width % COLUMN_BLOCK !== 0 || shape.vocabulary % COLUMN_BLOCK !== 0) {
      throw new RangeError(`Sampler: width and vocabulary must divide by ${COLUMN_BLOCK}`);
    }
    const layout = layoutOf(shape);
    const memory = new WebAssembly.Memory({ initial: Math.ceil(layout.bytes / 65536) + 1 });
    const sampler = new Sampler(shape, words, layout, memory, await matmulOn(memory));
    sampler.load(parameters);
    return sampler;
  }

  /** Takes other weights of the same shape. */
  load(parameters: Parameters): void {
    const { width, vocabulary } = this.#shape;
    for (const [name, at] of Object.entries(this.#layout.weights))
      this.#floats.set(parameters[name] as Float32Array, at >> 2);
    const embedding = parameters.embedding as Float32Array;
    const out = this.#layout.unembedding >> 2;
    for (let v = 0; v < vocabulary; v++) {
      for (let d = 0; d < width; d++)
        this.#floats[out + d * vocabulary + v] = embedding[v * width + d] as number;
    }
  }

  /** Continues every prompt; the same prompt with the same seed gives the same continuation in any batch. */
  generate(prompts: readonly Prompt[]): Continuation[] {
    const done: Continuation[] = [];
    for (let start = 0; start < prompts.length; start += SLOTS) {
      done.push(...this.#generateBatch(prompts.slice(start, start + SLOTS)));
    }
    return done;
  }

  #generateBatch(prompts: readonly Prompt[]): Continuation[] {
    const all: Live[] = prompts.map((prompt, index) => ({
      index,
      slot: index,
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
      const rows = live.map((one) => this.#nextRow(one));
      this.#forward(rows);
      this.#readLogits(rows.map((_, i) => i));
      live.forEach((one, i) => {
        this.#draw(one, i);
      });
    }
    return all.map(({ tokens, logProbabilities, stop }) => ({
      tokens,
      logProbabilities,
      stop: stop ?? 'length',
    }));
  }

  #nextRow({ slot, prompt, tokens }: Live): Row {
    const position = prompt.tokens.length + tokens.length - 1;
    const before = tokens.length > 1 ? tokens.at(-2) : prompt.tokens.at(-1);
    return { slot, position, token: tokens.at(-1) as number, before: before as number };
  }

  /** Runs the prompts through the layers, as many at once as there are rows for, and draws each one's first token. */
  #prefill(all: readonly Live[]): void {
    let rows: Row[] = [];
    let ends: { one: Live; row: number }[] = [];
    const flush = () => {
      if (rows.length === 0) return;
      this.#forward(rows);
      this.#readLogits(ends.map(({ row }) => row));
      ends.forEach(({ one }, i) => {
        this.#draw(one, i);
      });
      rows = [];
      ends = [];
    };
    for (const one of all) {
      const { tokens } = one.prompt;
      if (tokens.length === 0 || tokens.length >= this.#shape.context) {
        one.stop = 'length';
        continue;
      }
      if (rows.length + tokens.length > ROWS) flush();
      tokens.forEach((token, position) => {
        rows.push({
          slot: one.slot,
          position,
          token,
          before: position > 0 ? (tokens[position - 1] as number) : null,
        });
      });
      ends.push({ one, row: rows.length - 1 });
    }
    flush();
  }

  /** Draws a token from logits row `row` and says whether the sequence ends with it. */
  #draw(one: Live, row: number): void {
    const at = (this.#layout.logits >> 2) + row * this.#shape.vocabulary;
    const logits = this.#floats.subarray(at, at + this.#words);
    const token = drawToken(logits, one.prompt, one.chance);
    one.logProbabilities.push((logits[token] as number) - logSumExp(logits));
    if (token === EOS) {
      one.stop = 'end';
      return;
    }
    one.tokens.push(token);
    const full = one.prompt.tokens.length + one.tokens.length >= this.#shape.context;
    if (full || one.tokens.length >= one.prompt.maxTokens) one.stop = 'length';
  }

  /** All layers for these rows; keys and values go into their slots' caches, the result into `x`. */
  #forward(rows: readonly Row[]): void {
    const { width, layers } = this.#shape;
    const { weights, x, normed, query, key, value, attended, hidden } = this.#layout;
    const padded = Math.ceil(rows.length / ROW_BLOCK) * ROW_BLOCK;
    const product = (a: number, name: string, c: number, n: number, k: number, add: 0 | 1 = 0) =>
      this.#matmul(a, weights[name] as number, c, padded, n, k, add);
    this.#embed(rows);
    for (let layer = 0; layer < layers; layer++) {
      this.#norm(x, normed, rows.length, weights[`${layer}.attentionNorm`] as number);
      product(normed, `${layer}.query`, query, width, width);
      product(normed, `${layer}.key`, key, width, width);
      product(normed, `${layer}.value`, value, width, width);
      this.#attend(rows, layer);
      product(attended, `${layer}.output`, x, width, width, 1);
      this.#norm(x, normed, rows.length, weights[`${layer}.feedForwardNorm`] as number);
      product(normed, `${layer}.up`, hidden, 4 * width, width);
      this.#squaredRelu(hidden, rows.length * 4 * width);
      product(hidden, `${layer}.down`, x, width, 4 * width, 1);
    }
  }

  #embed(rows: readonly Row[]): void {
    const floats = this.#floats;
    const { width } = this.#shape;
    const { weights, x } = this.#layout;
    const [embedding, position, smear] = [weights.embedding, weights.position, weights.smear].map(
      (at) => (at as number) >> 2,
    );
    rows.forEach((row, i) => {
      const [out, own, place] = [
        (x >> 2) + i * width,
        embedding! + row.token * width,
        position! + row.position * width,
      ];
      for (let d = 0; d < width; d++) floats[out + d] = floats[own + d]! + floats[place + d]!;
      if (row.before === null) return;
      const before = embedding! + row.before * width;
      for (let d = 0; d < width; d++) floats[out + d]! += floats[smear! + d]! * floats[before + d]!;
    });
  }

  #norm(from: number, to: number, rows: number, gain: number): void {
    const floats = this.#floats;
    const { width } = this.#shape;
    for (let i = 0; i < rows; i++) {
      const [a, b, g] = [(from >> 2) + i * width, (to >> 2) + i * width, gain >> 2];
      let sum = 0;
      for (let d = 0; d < width; d++) sum += floats[a + d]! * floats[a + d]!;
      const scale = 1 / Math.sqrt(sum / width + 1e-5);
      for (let d = 0; d < width; d++) floats[b + d] = floats[a + d]! * scale * floats[g + d]!;
    }
  }

  /** Puts keys and values into the caches, then lets every row look back over its own slot. */
  #attend(rows: readonly Row[], layer: number): void {
    const floats = this.#floats;
    const { width, heads, context } = this.#shape;
    const { key, value, query, attended } = this.#layout;
    const [keys, values] = [this.#layout.keys[layer]! >> 2, this.#layout.values[layer]! >> 2];
    rows.forEach((row, i) => {
      const at = (row.slot * context + row.position) * width;
      floats.copyWithin(keys + at, (key >> 2) + i * width, (key >> 2) + (i + 1) * width);
      floats.copyWithin(values + at, (value >> 2) + i * width, (value >> 2) + (i + 1) * width);
    });
    const headWidth = width / heads;
    rows.forEach((row, i) => {
      const slot = row.slot * context * width;
      for (let head = 0; head < heads; head++) {
        const shift = head * headWidth;
        const here = i * width + shift;
        this.#attendHead(
          (query >> 2) + here,
          keys + slot + shift,
          values + slot + shift,
          (attended >> 2) + here,
          row.position,
        );
      }
    });
  }

  readonly #scores = new Float32Array(4096);

  #attendHead(query: number, keys: number, values: number, out: number, position: number): void {
    const floats = this.#floats;
    const scores = this.#scores;
    const { width, heads } = this.#shape;
    const headWidth = width / heads;
    const scale = 1 / Math.sqrt(headWidth);
    let highest = Number.NEGATIVE_INFINITY;
    for (let t = 0; t <= position; t++) {
      let score = 0;
      for (let d = 0; d < headWidth; d++) score += floats[query + d]! * floats[keys + t * width + d]!;
      scores[t] = score * scale;
      highest = Math.max(highest, scores[t]!);
    }
    let total = 0;
    for (let t = 0; t <= position; t++) {
      scores[t] = Math.exp(scores[t]! - highest);
      total += scores[t]!;
    }
    floats.fill(0, out, out + headWidth);
    for (let t = 0; t <= position; t++) {
      const share = scores[t]! / total;
      for (let d = 0; d < headWidth; d++) floats[out + d]! += share * floats[values + t * width + d]!;
    }
  }

  #squaredRelu(at: number, n: number): void {
    const floats = this.#floats;
    for (let i = at >> 2; i < (at >> 2) + n; i++) {
      const value = floats[i]!;
      floats[i] = value > 0 ? value * value : 0;
    }
  }

  /** Logits of some rows of `x`, one after the other. */
  #readLogits(rows: readonly number[]): void {
    const { width, vocabulary } = this.#shape;
    const { x, last, weights, unembedding, logits } = this.#layout;
    rows.forEach((row, i) => {
      this.#floats.copyWithin((last >> 2) + i * width, (x >> 2) + row * width, (x >> 2) + (row + 1) * width);
    });
    this.#norm(last, last, rows.length, weights.finalNorm as number);
    const padded = Math.ceil(rows.length / ROW_BLOCK) * ROW_BLOCK;
    this.#matmul(last, unembedding, logits, padded, vocabulary, width, 0);
  }
}

function logSumExp(logits: Float32Array): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) highest = Math.max(highest, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - highest);
  return highest + Math.log(sum);
}

function drawToken(logits: Float32Array, { temperature, topP }: Prompt, chance: Chance): number {
  let best = 0;
  for (let v = 1; v < logits.length; v++) if (logits[v]! > logits[best]!) best = v;
  if (temperature <= 0) return best;
  const highest = logits[best]!;
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - highest) / temperature));
  let total = 0;
  for (const weight of weights) total += weight;
  if (topP < 1) total = keepNucleus(weights, total, topP);
  let rest = chance.number() * total;
  for (let v = 0; v < weights.length; v++) {
    rest -= weights[v]!;
    if (rest < 0) return v;
  }
  return best;
}

/** Leaves only the likeliest weights that together reach `topP` of the total; returns what is left. */
function keepNucleus(weights: Float64Array, total: number, topP: number): number {
  const order = [...weights.keys()].sort((a, b) => weights[b]! - weights[a]!);
  let kept = 0;
  for (const v of order) {
    if (kept >= topP * total) weights[v] = 0;
    else kept += weights[v]!;
  }
  return kept;
}
