import type { StopReason } from '../../core/index.ts';
import { isFilterReason } from './filter.ts';
import type { Reading } from './protocol.ts';
import { codeWord } from './provider-error.ts';
import { NotWhole } from './shape.ts';

/** Words by which servers say that they gave a generation up half way. */
const GIVEN_UP = new Set([
  'incomplete',
  'inprogress',
  'notfinished',
  'insufficientsystemresource', // DeepSeek
  'networkerror', // Zhipu
  'load', // Ollama: the model was loaded, and nothing was generated
  'unload',
]);

/** The same in longer words: `abort` (SGLang, vLLM), `error` (OpenRouter, vLLM), `engine_overloaded`, `canceled_by_user`, … */
const GIVEN_UP_WORDS =
  /^(?:abort|cancel|error|fail|interrupt|timeout|timedout)|(?:error|timeout|overloaded|unavailable)$/;

/**
 * What other protocols and older servers say. A gateway passes on the word of the server behind it, in its letters: `eos_token` and
 * `stop_sequence` (TGI), `eos` (Together), `model_length` (Mistral), `MAX_TOKENS` (Gemini, Cohere), `normal` (Qianfan).
 */
const ELSEWHERE: Readonly<Record<string, StopReason>> = {
  stop: 'end',
  stopsequence: 'end',
  eos: 'end',
  eostoken: 'end',
  endturn: 'end',
  complete: 'end',
  completed: 'end',
  finished: 'end',
  normal: 'end',
  length: 'length',
  maxlength: 'length',
  modellength: 'length',
  maxtokens: 'length',
  maxoutputtokens: 'length',
  maxnewtokens: 'length',
  tokenlimit: 'length',
  errorlimit: 'length', // Cohere: the context is full
  modelcontextwindowexceeded: 'length',
  toolcall: 'tool-calls',
  toolcalls: 'tool-calls',
  tooluse: 'tool-calls',
  functioncall: 'tool-calls',
};

/** Servers written in Python say so where they have nothing to say. */
const UNSAID = new Set(['', 'none', 'null']);

/**
 * What a server says of why it stopped, in stemma's words.
 *
 * @param reason as it is in the answer
 * @param known  the protocol's words; any other one is what it means in another protocol, `refusal` where it names a filter,
 *   else `other`
 * @returns `not-said` where there is none
 * @throws NotWhole where the server says that it gave the answer up
 * @example stopOf('length', { length: 'length' }, 'finish_reason') // => 'length'
 */
export function stopOf(
  reason: unknown,
  known: Readonly<Record<string, StopReason>>,
  member: string,
): Reading['stop'] {
  if (reason === undefined || reason === null) return 'not-said';
  if (typeof reason !== 'string')
    throw new NotWhole(`its ${member} is ${JSON.stringify(reason).slice(0, 200)}`);
  if (Object.hasOwn(known, reason)) return known[reason]!;
  if (isFilterReason(reason)) return 'refusal';
  const word = codeWord(reason);
  if (UNSAID.has(word)) return 'not-said';
  if (Object.hasOwn(ELSEWHERE, word)) return ELSEWHERE[word]!;
  if (GIVEN_UP.has(word) || GIVEN_UP_WORDS.test(word))
    throw new NotWhole(`its ${member} is "${reason.slice(0, 200)}"`);
  return 'other';
}
