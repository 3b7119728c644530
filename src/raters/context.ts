import { InputError } from '../core/index.ts';
import { count } from '../format/index.ts';

/** What a judge's prompt and its answer must fit into together. */
export interface JudgeContext {
  readonly tokens: number;
  /** The most tokens of one answer. */
  readonly answer: number;
}

/** Changes with how it is reckoned what fits; counts for judges whose context is given. */
export const CONTEXT_ESTIMATE_VERSION = 1;

/**
 * UTF-8 bytes taken for a token. English has more than four, code and most other scripts about three; nobody's tokenizer is
 * at hand, and what is taken for too much is only cut a little shorter.
 */
export const BYTES_A_TOKEN = 3;

/** Tokens of a transcript that a judge must be able to see: with less there would be nothing to rate. */
export const FEWEST_TRANSCRIPT_TOKENS = 1000;

/** Tokens that a protocol adds around messages, and of the request to answer once more. */
const AROUND = 500;

/** At most about this many. */
export function estimatedTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_A_TOKEN);
}

/**
 * Tokens that a judge's context leaves for a transcript; negative where not even the rest fits. Its answer counts twice: one
 * that can't be read is put to it again, and answered again.
 *
 * @param system the judge's instructions
 */
export function transcriptTokens({ tokens, answer }: JudgeContext, system: string): number {
  return tokens - 2 * answer - estimatedTokens(system) - AROUND;
}

/** @throws InputError when the room is less than `FEWEST_TRANSCRIPT_TOKENS` */
export function requireTranscriptTokens(context: JudgeContext, system: string): number {
  const room = transcriptTokens(context, system);
  if (room >= FEWEST_TRANSCRIPT_TOKENS) return room;
  throw new InputError(
    `a judge's context of ${count(context.tokens)} tokens is too small: its instructions take about ${count(estimatedTokens(system))}, its answer and a second try ${count(context.answer)} each`,
    {
      remedy: `It takes at least ${count(context.tokens - room + FEWEST_TRANSCRIPT_TOKENS)}; or lower the max_tokens of the judge's sampling.`,
    },
  );
}
