import { SIGN_WORDS, TRIAL_SIGNS, type TrialSign } from '../core/index.ts';
import { count } from '../format/index.ts';

/**
 * What makes answers doubtful, counted; `null` where there is nothing.
 *
 * @example signsInWords({ cut: 3, retried: 1 }) // => '3 cut at the token limit, 1 after a retry'
 */
export function signsInWords(signs: Readonly<Partial<Record<TrialSign, number>>>): string | null {
  const seen = TRIAL_SIGNS.filter((sign) => (signs[sign] ?? 0) > 0);
  return seen.length === 0
    ? null
    : seen.map((sign) => `${count(signs[sign]!)} ${SIGN_WORDS[sign]}`).join(', ');
}
