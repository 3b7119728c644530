import type { JudgesSay } from '../../records/index.ts';

/** A stratum that labels are shared out to. */
interface Allocated {
  readonly says: JudgesSay;
  readonly size: number;
  /** Picked already; the share is at least this. */
  readonly picked: number;
}

/** Fewer labels than this say nothing of a stratum, so each gets as many where it has them. */
const LEAST = 10;

/**
 * How far humans' answers are taken to vary before any is known: as if the judges were wrong of one trial in ten where
 * they agree, and of one in two where they split.
 */
const SPREAD: Readonly<Record<JudgesSay, number>> = { yes: 0.3, split: 0.5, no: 0.3, nothing: 0.5 };

/**
 * Shares labels out to strata: in proportion to √(size · spread), the compromise (power allocation, exponent ½) between the
 * best estimate of the rate, which wants most labels in the largest stratum, and the best estimates within strata, which
 * sensitivity and specificity live on.
 *
 * @param labels how many in all
 * @returns       how many of each stratum; never more than it has, never fewer than are picked already
 * @see Bankier (1988), "Power allocations", The American Statistician 42
 */
export function allocate(strata: readonly Allocated[], labels: number): number[] {
  const shares = strata.map(({ size, picked }) => Math.max(picked, Math.min(size, LEAST)));
  const least = shares.reduce((total, share) => total + share, 0);
  // Where even the least is too much, it is shared out evenly.
  if (least > labels)
    strata.forEach(({ picked }, h) => {
      shares[h] = picked;
    });
  const wanted = strata.map(({ size, says }) => Math.sqrt(size * SPREAD[says]));
  for (let given = shares.reduce((total, share) => total + share, 0); given < labels; given++) {
    // The next label goes where it is wanted most for what is there (divisor method, Webster).
    const next = strata.reduce((best, { size }, h) => {
      if (shares[h]! >= size) return best;
      const need = (of: number) => wanted[of]! / (shares[of]! + 0.5);
      return best < 0 || need(h) > need(best) ? h : best;
    }, -1);
    if (next < 0) break;
    shares[next]!++;
  }
  return shares;
}
