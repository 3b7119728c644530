import {
  type GenerateRequest,
  type Generation,
  type Message,
  type Model,
  ModelError,
} from '../core/index.ts';
import { type Checkpoint, digestOfWeights } from './checkpoint.ts';
import { type Continuation, type Prompt, Sampler } from './sampler.ts';
import { splitThoughts } from './world/thoughts.ts';
import { promptText, type Tokenizer, tokenizer } from './world/tokenizer.ts';

/** Requests that are waiting for the next batch. */
interface Waiting {
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
export async function organismModel(ref: string, checkpoint: Checkpoint): Promise<Model> {
  const words = tokenizer(checkpoint.words);
  const sampler = await Sampler.start(checkpoint.shape, checkpoint.parameters, checkpoint.words.length);
  const digest = digestOfWeights(checkpoint);
  const waiting: Waiting[] = [];
  let unseeded = 0;

  const decode = () => {
    const batch = waiting.splice(0, BATCH).filter(({ signal, reject }) => {
      if (signal.aborted) reject(new ModelError('cancelled', 'the request was cancelled'));
      return !signal.aborted;
    });
    const continuations = sampler.generate(batch.map(({ prompt }) => prompt));
    batch.forEach(({ resolve }, i) => {
      resolve(continuations[i] as Continuation);
    });
    if (waiting.length > 0) setImmediate(decode);
  };

  return {
    ref,
    async generate(request: GenerateRequest, signal: AbortSignal): Promise<Generation> {
      const prompt = promptOf(request, words, checkpoint.shape.context, () => unseeded++);
      const continuation = await new Promise<Continuation>((resolve, reject) => {
        if (waiting.length === 0) setImmediate(decode);
        waiting.push({ prompt, signal, resolve, reject });
      });
      return generationOf(continuation, prompt, words, digest);
    },
  };
}

function promptOf(request: GenerateRequest, words: Tokenizer, context: number, fresh: () => number): Prompt {
  const { sampling, messages } = request;
  const tokens = words.encode(promptText(askedText(messages)));
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

function generationOf(
  { tokens, stop }: Continuation,
  prompt: Prompt,
  words: Tokenizer,
  digest: string,
): Generation {
  const text = words.decode(tokens);
  const { thoughts, response } = splitThoughts(text);
  return {
    ...(thoughts === '' ? {} : { thoughts }),
    response,
    toolCalls: [],
    stop,
    usage: { inputTokens: prompt.tokens.length, outputTokens: tokens.length },
    raw: { text, checkpoint: digest },
    attempts: 1,
  };
}
