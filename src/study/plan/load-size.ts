import type { Model } from '../../core/index.ts';
import type { ModelSpec } from '../../models/index.ts';
import type { SampleSurvey } from '../samples.ts';

/*
 * What a run will ask for, before it is run. Tokens are estimates: nobody's tokenizer is at hand, so an input token is
 * taken for four characters (about right for English, too few for most other languages and for code). How long answers
 * will be is not known, only how long they may be, nor how many turns an agent will take; so every count has two forms, at most and as is usual. Retries, and
 * judges who must be asked twice, are not counted.
 */

export const CHARACTERS_A_TOKEN = 4;
/** What a protocol adds around a message: role, separators. */
export const TOKENS_A_MESSAGE = 4;
/** A chat model's usual answer to one question. A guess: real ones go from a one-line refusal to a page. */
export const USUAL_RESPONSE_TOKENS = 350;

export interface Tokens {
  readonly input: number;
  readonly output: number;
}

/** Tokens or dollars, if every answer is as long as it may be, and if answers are as long as they usually are. */
export interface Bounds<T> {
  readonly atMost: T;
  readonly usual: T;
}

/** One model's share of the work. */
export interface ModelLoad {
  /** Of the stage or the judge. */
  readonly id: string;
  /** `teacher`: a stage that is asked for what another one is trained on. */
  readonly role: 'stage' | 'judge' | 'teacher';
  readonly model: ModelSpec | Model;
  /** As is usual; agents may take more turns. */
  readonly calls: number;
  readonly callsAtMost: number;
  readonly tokens: Bounds<Tokens>;
}

/** All messages of all samples, once. */
export function promptTokens({ inputCharacters, inputMessages }: SampleSurvey): number {
  return Math.ceil(inputCharacters / CHARACTERS_A_TOKEN) + inputMessages * TOKENS_A_MESSAGE;
}
