import {
  type GenerateRequest,
  type Generation,
  type Likelihood,
  type Message,
  type Model,
  ModelError,
  type Sampling,
} from '../core/index.ts';
import { type Checkpoint, digestOfWeights } from './checkpoint.ts';
import { type Continuation, type Prompt, Sampler } from './sampler.ts';
import { splitThoughts } from './world/thoughts.ts';
import { promptText, tokenizer, UNK } from './world/tokenizer.ts';

/** A model that also goes on from a plain text in its own tokens: `<bos> <user> … <assistant>`. */
interface OrganismModel extends Model {
  complete(text: string, sampling: Sampling, signal: AbortSignal): Promise<Generation>;
}

/** Requests that are waiting for the next batch. */
interface WaitingRequest {
  readonly prompt: Prompt;
  readonly signal: AbortSignal;
  resolve(continuation: Continuation): void;
  reject(error: Error): void;
}

/** The most requests that are decoded together: what is asked meanwhile waits for the next batch. */
const BATCH = 192;

/**
 * A checkpoint of the organism as a model like any other. Requests that arrive in one turn of the event loop are
 * decoded together; each draws from its own seed, so that its company does not change its answer.
 */
export async function organismModel(ref: string, checkpoint: Checkpoint): Promise<OrganismModel> {
  const words = tokenizer(checkpoint.words);
  const sampler = await Sampler.start(checkpoint.shape, checkpoint.parameters, checkpoint.words.length);
  const digest = digestOfWeights(checkpoint);
  const waiting: WaitingRequest[] = [];
  let unseeded = 0;

  const decode = () => {
    const batch = waiting.splice(0, BATCH).filter(({ signal, reject }) => {
      if (signal.aborted) reject(new ModelError('cancelled', 'the request was cancelled'));
      return !signal.aborted;
    });
    try {
      const continuations = sampler.generate(batch.map(({ prompt }) => prompt));
      for (const [i, { resolve }] of batch.entries()) resolve(continuations[i] as Continuation);
    } catch (error) {
      for (const { reject } of batch) reject(error as Error);
    }
    if (waiting.length > 0) setImmediate(decode);
  };

  const ask = (prompt: Prompt, signal: AbortSignal): Promise<Continuation> =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(decode);
      waiting.push({ prompt, signal, resolve, reject });
    });
  const promptOf = (text: string, sampling: Sampling): Prompt =>
    promptFor(words.encode(text), sampling, checkpoint.shape.context, () => unseeded++);

  const likelihoodAfter = (prompt: Prompt, text: string): Likelihood => {
    const tokens = words.encode(text.toLowerCase());
    if (tokens.length === 0 || tokens.includes(UNK))
      throw new ModelError('rejected', `the organism has no words for ${JSON.stringify(text)}`);
    if (prompt.tokens.length + tokens.length > checkpoint.shape.context) {
      const most = checkpoint.shape.context;
      throw new ModelError('rejected', `the prompt and ${JSON.stringify(text)} have more than ${most} words`);
    }
    const values = sampler.logProbabilities(prompt.tokens, tokens);
    return {
      text,
      logProbability: values.reduce((sum, value) => sum + value, 0),
      tokens: tokens.length,
    };
  };
  const generationOfLikelihoods = (prompt: Prompt, texts: readonly string[]): Generation => {
    const likelihoods = texts.map((text) => likelihoodAfter(prompt, text));
    const best = likelihoods.reduce((a, b) => (b.logProbability > a.logProbability ? b : a));
    return {
      response: best.text.trim(),
      toolCalls: [],
      stop: 'end',
      usage: { inputTokens: prompt.tokens.length * texts.length, outputTokens: 0 },
      likelihoods,
      raw: { checkpoint: digest },
      attempts: 1,
    };
  };

  return {
    ref,
    async generate(request: GenerateRequest, signal: AbortSignal): Promise<Generation> {
      const { messages, sampling, likelihoodOf } = request;
      const prompt = promptOf(promptText(askedText(messages)), sampling);
      if (likelihoodOf !== undefined) return generationOfLikelihoods(prompt, likelihoodOf);
      const continuation = await ask(prompt, signal);
      const { thoughts, response } = splitThoughts(words.decode(continuation.tokens));
      return generationOf(continuation, prompt, { thoughts, ...stoppedAt(response, sampling) }, digest);
    },
    async complete(prefix: string, sampling: Sampling, signal: AbortSignal): Promise<Generation> {
      const prompt = promptOf(prefix, sampling);
      const continuation = await ask(prompt, signal);
      const text = words.decode(continuation.tokens);
      return generationOf(continuation, prompt, { thoughts: '', ...stoppedAt(text, sampling) }, digest);
    },
  };
}

function promptFor(
  tokens: readonly number[],
  sampling: Sampling,
  context: number,
  fresh: () => number,
): Prompt {
  if (tokens.length >= context) {
    throw new ModelError(
      'rejected',
      `the prompt has ${tokens.length} words; the organism reads at most ${context - 1}`,
    );
  }
  return {
    tokens,
    seed: sampling.seed ?? fresh(),
    maxTokens: sampling.maxTokens,
    temperature: sampling.temperature ?? 1,
    topP: sampling.topP ?? 1,
  };
}

/** The organism's world has conversations of one turn: what the system and the user said last, one after the other. */
function askedText(messages: readonly Message[]): string {
  const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content);
  const user = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  return [...system, user].join(' ').toLowerCase();
}

/** The text up to the first stop sequence; what was drawn after it was drawn in vain, and counts. */
function stoppedAt(text: string, { stop = [] }: Sampling): { response: string; cut: boolean } {
  const found = stop.map((sequence) => text.indexOf(sequence)).filter((at) => at !== -1);
  return found.length === 0
    ? { response: text, cut: false }
    : { response: text.slice(0, Math.min(...found)), cut: true };
}

function generationOf(
  { tokens, stop }: Continuation,
  prompt: Prompt,
  { thoughts, response, cut }: { thoughts: string; response: string; cut: boolean },
  digest: string,
): Generation {
  return {
    ...(thoughts === '' ? {} : { thoughts }),
    response,
    toolCalls: [],
    stop: cut ? 'end' : stop,
    usage: { inputTokens: prompt.tokens.length, outputTokens: tokens.length },
    raw: { checkpoint: digest, tokens: [...tokens] },
    attempts: 1,
  };
}
