import { normalQuantile } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { checkCounts, type JudgedCounts } from './rogan-gladen.ts';

/**
 * Confidence interval for a true rate seen through an imperfect judge, whose sensitivity and specificity were
 * themselves only estimated. Keeps its level where the Rogan–Gladen estimate ± its standard error does not: few units
 * of known truth, few errors, rates near 0 or 1.
 *
 * @param level two-sided, in (0, 1)
 * @returns     cut off at 0 and 1; all of [0, 1] where the judge is no better than a coin
 * @throws RangeError when a count is not within its total, a total is not above 0, or the level is outside (0, 1)
 * @see Lang & Reiczigel (2014), "Confidence limits for prevalence of disease adjusted for estimated sensitivity and
 *      specificity", Preventive Veterinary Medicine 113, eq. 6–9
 *
 * @example
 * langReiczigel({ n: 200, flagged: 40, positives: 60, truePositives: 54, negatives: 80, trueNegatives: 76 });
 * // => [0.0865, 0.2593]
 */
export function langReiczigel(counts: JudgedCounts, level = 0.95): Interval {
  checkCounts(counts);
  if (!(level > 0 && level < 1)) throw new RangeError(`langReiczigel: the level ${level} is outside (0, 1)`);
  const z = normalQuantile((1 + level) / 2);
  const n = counts.n + z * z;
  const p = (counts.flagged + (z * z) / 2) / n;
  const positives = counts.positives + 2;
  const negatives = counts.negatives + 2;
  const sensitivity = (counts.truePositives + 1) / positives;
  const specificity = (counts.trueNegatives + 1) / negatives;
  const youden = sensitivity + specificity - 1;
  if (youden <= 0) return [0, 1];
  const rate = (p + specificity - 1) / youden;
  const fromSensitivity = (sensitivity * (1 - sensitivity)) / positives;
  const fromSpecificity = (specificity * (1 - specificity)) / negatives;
  const shift = 2 * z * z * (rate * fromSensitivity - (1 - rate) * fromSpecificity);
  const variance = (p * (1 - p)) / n + rate ** 2 * fromSensitivity + (1 - rate) ** 2 * fromSpecificity;
  const halfWidth = (z * Math.sqrt(variance)) / youden;
  return [clip(rate + shift - halfWidth), clip(rate + shift + halfWidth)];
}

function clip(rate: number): number {
  return Math.min(1, Math.max(0, rate));
}
