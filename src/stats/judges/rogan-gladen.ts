/**
 * What an imperfect judge of yes and no counted, and what is known of its errors from units whose truth is known.
 */
export interface JudgedCounts {
  /** Units under study, and those among them that the judge says yes to. */
  readonly n: number;
  readonly flagged: number;
  /** Units known to be yes, and those among them that the judge says yes to: sensitivity. */
  readonly positives: number;
  readonly truePositives: number;
  /** Units known to be no, and those among them that the judge says no to: specificity. */
  readonly negatives: number;
  readonly trueNegatives: number;
}

/** `null` where the judge is no better than a coin (sensitivity + specificity ≤ 1): its verdicts say nothing then. */
export interface RoganGladen {
  /** Not cut off at 0 and 1: an estimate below 0 says that the judge's false alarms alone explain its count. */
  readonly estimate: number | null;
  readonly standardError: number | null;
  readonly sensitivity: number;
  readonly specificity: number;
}

/**
 * The Rogan–Gladen estimate of a true rate from an imperfect judge's rate, its sensitivity and specificity:
 * (p + Sp − 1)/(Se + Sp − 1), with its standard error by the delta method.
 *
 * The judge's errors must be the same where they were measured and where they are corrected; they often are not the
 * same on every checkpoint.
 *
 * @throws RangeError when a count is not within its total, or a total is not above 0
 * @see Rogan & Gladen (1978), "Estimating prevalence from the results of a screening test"
 *
 * @example
 * roganGladen({ n: 200, flagged: 40, positives: 60, truePositives: 54, negatives: 80, trueNegatives: 76 });
 * // => { estimate: 0.1765, sensitivity: 0.9, specificity: 0.95 }
 */
export function roganGladen(counts: JudgedCounts): RoganGladen {
  checkCounts(counts);
  const sensitivity = counts.truePositives / counts.positives;
  const specificity = counts.trueNegatives / counts.negatives;
  const falseAlarms = (counts.negatives - counts.trueNegatives) / counts.negatives;
  const youden = sensitivity - falseAlarms;
  if (youden <= 0) return { estimate: null, standardError: null, sensitivity, specificity };
  const p = counts.flagged / counts.n;
  const estimate = (p - falseAlarms) / youden;
  const variance =
    (p * (1 - p)) / counts.n +
    (estimate ** 2 * sensitivity * (1 - sensitivity)) / counts.positives +
    ((1 - estimate) ** 2 * specificity * (1 - specificity)) / counts.negatives;
  return { estimate, standardError: Math.sqrt(variance) / youden, sensitivity, specificity };
}

/** @throws RangeError when a count is not within its total, or a total is not above 0 */
export function checkCounts(counts: JudgedCounts): void {
  const pairs = [
    ['flagged', counts.flagged, counts.n],
    ['truePositives', counts.truePositives, counts.positives],
    ['trueNegatives', counts.trueNegatives, counts.negatives],
  ] as const;
  for (const [name, count, total] of pairs) {
    if (!(total > 0 && count >= 0 && count <= total)) {
      throw new RangeError(`${name}: ${count} of ${total} is not a count`);
    }
  }
}
