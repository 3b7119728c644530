import { InputError, ModelError, type Usage } from '../../core/index.ts';
import type { Members } from '../../core/parsed-json.ts';
import type { ServerSoftware } from './server-facts.ts';

/** A server as it is asked here: in several requests, each with the retries of its endpoint. */
export interface CompletionServer {
  readonly ref: string;
  /** `null` where the server does not say. */
  readonly software: ServerSoftware | null;
  /** @param beside the path is beside the base URL's `/v1`, as llama.cpp's own paths are @throws ModelError */
  post(path: string, body: Members, options?: { readonly beside: true }): Promise<CompletionAnswer>;
}

/** An answer to one of the requests. */
export interface CompletionAnswer {
  readonly body: Members;
  readonly usage: Usage;
  readonly attempts: number;
}

/** A token of a text, as the server writes it. */
export interface ScoredToken {
  readonly token: string;
  readonly logProbability: number;
}

/** What was asked of a server for all texts of a request. */
export interface ScoredTexts {
  readonly texts: readonly (readonly ScoredToken[])[];
  readonly answers: readonly CompletionAnswer[];
}

/** The server cannot do it, so no other prompt can be asked either. */
export function cannotSay({ ref }: Pick<CompletionServer, 'ref'>, why: string): InputError {
  return new InputError(`${ref}: the server cannot say how likely a text is: ${why}`, {
    remedy:
      'Needed are text completions whose `echo` with `logprobs` gives one value for every token of the prompt (vLLM, SGLang), or llama.cpp’s server. `transformers serve`, Ollama and chat services cannot; ask them by letter.',
  });
}

/** One prompt whose tokens cannot be read; others may well be. */
export function unreadable({ ref }: Pick<CompletionServer, 'ref'>, why: string): ModelError {
  return new ModelError('rejected', `${ref}: ${why}`);
}
