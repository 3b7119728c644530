import { betaCdf } from '../numerics/distributions.ts';
import { stirlingError } from '../numerics/incomplete-beta.ts';
import { requireNonNegative } from '../numerics/requirements.ts';

/**
 * McNemar's exact test of two paired proportions: given how many pairs changed, each way is equally likely.
 *
 * @param b pairs that changed one way, whole
 * @param c pairs that changed the other way, whole
 * @returns two-sided p; 1 when no pair changed
 * @throws RangeError for a count that is negative or not whole
 *
 * @example
 * mcnemarExact(1, 7); // => 0.0703
 */
export function mcnemarExact(b: number, c: number): number {
  const { tail } = smallerTail('mcnemarExact', b, c);
  return Math.min(1, 2 * tail);
}

/**
 * McNemar's test with the mid-p value: half of the observed table's own probability is left out. Nearer to its
 * level than the exact test, and rarely above it.
 *
 * @param b pairs that changed one way, whole
 * @param c pairs that changed the other way, whole
 * @returns two-sided mid-p; 1 when no pair changed
 * @throws RangeError for a count that is negative or not whole
 * @see Fagerland, Lydersen & Laake (2013), BMC Medical Research Methodology 13:91
 *
 * @example
 * mcnemarMidP(1, 7); // => 0.0391
 */
export function mcnemarMidP(b: number, c: number): number {
  const { tail, observed } = smallerTail('mcnemarMidP', b, c);
  return b === c ? 1 : Math.min(1, 2 * tail - observed);
}

/** P(X ≤ min(b, c)) and P(X = min(b, c)) for X ~ Binomial(b + c, ½). */
function smallerTail(who: string, b: number, c: number): { tail: number; observed: number } {
  for (const [name, count] of Object.entries({ b, c })) {
    requireNonNegative(who, name, count);
    if (!Number.isInteger(count)) throw new RangeError(`${who}: ${name} = ${count} is not whole`);
  }
  const fewer = Math.min(b, c);
  const more = Math.max(b, c);
  if (more === 0) return { tail: 1, observed: 1 };
  return { tail: betaCdf(0.5, more, fewer + 1), observed: halfBinomial(fewer, more) };
}

/** (fewer + more choose fewer) / 2^(fewer + more), by Stirling's formula and its error. */
function halfBinomial(fewer: number, more: number): number {
  const n = fewer + more;
  if (fewer === 0) return 2 ** -n;
  const deviance = fewer * Math.log((2 * fewer) / n) + more * Math.log1p((more - fewer) / n);
  const error = stirlingError(n) - stirlingError(fewer) - stirlingError(more);
  return Math.exp(error - deviance) * Math.sqrt(n / (2 * Math.PI * fewer * more));
}
