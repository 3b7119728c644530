import { type GenerateRequest, type Generation, type Model, ModelError } from '../../core/index.ts';

/** One call: what was sent, what came back or why nothing did, and how long it took. */
export interface HeardCall {
  readonly request: GenerateRequest;
  readonly outcome: Generation | ModelError;
  readonly durationMs: number;
}

/** Requests of a check are made again once: a person waits for it. */
const RETRIES = 1;

/** A model that keeps all calls made to it. */
export class HeardModel implements Model {
  readonly ref: string;
  readonly calls: HeardCall[] = [];
  readonly #model: Model;

  constructor(model: Model) {
    this.ref = model.ref;
    this.#model = model;
  }

  async generate(request: GenerateRequest, signal: AbortSignal): Promise<Generation> {
    const begun = performance.now();
    const keep = (outcome: Generation | ModelError) =>
      this.calls.push({ request, outcome, durationMs: performance.now() - begun });
    try {
      const generation = await this.#model.generate({ retries: RETRIES, ...request }, signal);
      keep(generation);
      return generation;
    } catch (error) {
      if (error instanceof ModelError) keep(error);
      throw error;
    }
  }
}

/** Output tokens a second over these calls, one after the other; `null` where the server does not count. */
export function tokensPerSecond(calls: readonly HeardCall[]): number | null {
  let tokens = 0;
  let ms = 0;
  for (const { outcome, durationMs } of calls) {
    if (outcome instanceof ModelError || outcome.usage.outputTokens === null) continue;
    tokens += outcome.usage.outputTokens;
    ms += durationMs;
  }
  return tokens === 0 || ms === 0 ? null : (tokens / ms) * 1_000;
}

/** All that the model said, its thoughts included. */
export function saidIn({ thoughts = '', response }: Generation): string {
  return [thoughts, response].filter((text) => text !== '').join('\n\n');
}
