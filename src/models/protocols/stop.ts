import type { StopReason } from '../../core/index.ts';
import { isFilterReason } from './filter.ts';
import type { Reading } from './protocol.ts';
import { NotWhole } from './shape.ts';

/** Words by which servers say that they gave a generation up half way. */
const GIVEN_UP = new Set([
  'abort', // SGLang, vLLM
  'aborted',
  'error', // OpenRouter, vLLM
  'cancelled',
  'canceled',
  'failed',
  'timeout',
  'engine_error',
  'insufficient_system_resource', // DeepSeek
  'network_error', // Zhipu
  'incomplete',
]);

/**
 * What a server says of why it stopped, in stemma's words.
 *
 * @param reason as it is in the answer
 * @param known  the protocol's words; any other one is `refusal` where it names a filter, else `other`
 * @returns `not-said` where there is none
 * @throws NotWhole where the server says that it gave the answer up
 * @example stopOf('length', { length: 'length' }, 'finish_reason') // => 'length'
 */
export function stopOf(
  reason: unknown,
  known: Readonly<Record<string, StopReason>>,
  member: string,
): Reading['stop'] {
  if (reason === undefined || reason === null || reason === '') return 'not-said';
  if (typeof reason !== 'string')
    throw new NotWhole(`its ${member} is ${JSON.stringify(reason).slice(0, 200)}`);
  if (GIVEN_UP.has(reason.toLowerCase())) throw new NotWhole(`its ${member} is "${reason}"`);
  if (Object.hasOwn(known, reason)) return known[reason]!;
  return isFilterReason(reason) ? 'refusal' : 'other';
}
