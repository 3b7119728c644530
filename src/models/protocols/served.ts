import type { Served } from '../../core/index.ts';

/** A name longer than this is cut: it is in messages and in every record. */
const LONGEST = 300;

/**
 * Who answered, from the members of an answer that say so. Control characters become spaces, because names are shown in
 * terminals.
 *
 * @returns a member to spread into a `Reading`; none where the server does not name the model
 * @example servedAs('gpt-5.5-2026-08-01', 'fp_1') // => { served: { model: 'gpt-5.5-2026-08-01', fingerprint: 'fp_1' } }
 */
export function servedAs(model: unknown, fingerprint?: unknown): { readonly served?: Served } {
  const name = nameOf(model);
  if (name === '') return {};
  const print = nameOf(fingerprint);
  return { served: { model: name, ...(print === '' ? {} : { fingerprint: print }) } };
}

/** Most names: nothing of them has to be changed. */
const PLAIN_NAME = /^[!-~]{1,300}$/;

/** A text as a name: on one line, without control characters, not too long. Empty for anything but a text. */
export function nameOf(value: unknown): string {
  if (typeof value !== 'string') return '';
  if (PLAIN_NAME.test(value)) return value;
  return value
    .slice(0, LONGEST)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .toWellFormed()
    .trim();
}
