import { requireNonNegative, requirePositive } from '../numerics/requirements.ts';

/** The intra-cluster correlation that is assumed until enough clusters hold events. */
const PRIOR_CORRELATION = 0.2;

/** The within-sample correlation of repeated trials that is assumed until enough samples hold events. */
const PRIOR_REPEAT_CORRELATION = 0.5;

/** With this many holders the data's own estimate has the weight 1 − 1/e = 0.63; with twice as many, 0.98. */
const FADING_HOLDERS = 5;

/** Clusters may agree better than chance would have it, but a design effect below this is not believed. */
const LEAST_DESIGN_EFFECT = 0.6;

/**
 * The weight of an estimated correlation against the prior one. Few clusters with events say little about the
 * correlation: their estimate and its own error are wrong together.
 *
 * @param holders clusters (or samples) that hold an event, ≥ 0
 * @returns       0 without holders, nearly 1 from ten holders on
 * @throws RangeError for a negative number of holders
 *
 * @example
 * weightOfData(10); // => 0.9817
 */
export function weightOfData(holders: number): number {
  requireNonNegative('weightOfData', 'the holders', holders);
  return 1 - Math.exp(-((holders / FADING_HOLDERS) ** 2));
}

/** What a design effect is computed from. */
interface ClusteredSpread {
  /** Cluster-robust variance of the mean over the variance that independent samples would have; `null` if unknown. */
  readonly observed: number | null;
  /** Mean cluster size as a sample sees it: Σ n_g² / N, ≥ 1. */
  readonly meanSize: number;
  /** Clusters that hold an event, or a change. */
  readonly holders: number;
}

/**
 * The design effect of a clustered mean, shrunk to that of a correlation of 0.2. The prior fades as events appear in
 * more clusters, so that a first event does not shrink an interval, and many events decide by themselves.
 *
 * @param least the smallest design effect that is believed, > 0
 * @returns how many times the variance of independent samples the variance of the mean is
 * @throws RangeError for a mean size below 1 or a negative number of holders
 * @see Kish (1965), deff = 1 + (m − 1)ρ; docs/decisions/012-effective-n.md for the simulations behind the constants
 *
 * @example
 * designEffect({ observed: null, meanSize: 11, holders: 0 }); // => 3
 */
export function designEffect(
  { observed, meanSize, holders }: ClusteredSpread,
  least = LEAST_DESIGN_EFFECT,
): number {
  requirePositive('designEffect', 'the mean cluster size', meanSize);
  const assumed = 1 + (meanSize - 1) * PRIOR_CORRELATION;
  const weight = observed === null ? 0 : weightOfData(holders);
  const mixed = weight === 0 ? assumed : weight * observed! + (1 - weight) * assumed;
  return Math.max(least, mixed);
}

/**
 * How many independent trials one sample is worth that was asked `epochs` times: E / (1 + (E − 1)ρ), with the
 * within-sample correlation ρ shrunk to 0.5 while few samples hold events.
 *
 * @param epochs      trials a sample, ≥ 1; a mean need not be whole
 * @param correlation of two trials of one sample, as estimated; `null` if unknown
 * @param holders     samples that hold an event
 * @returns           from 1 to `epochs`
 * @throws RangeError for fewer than one epoch or a negative number of holders
 *
 * @example
 * trialsWorth(40, 0.1, 50); // => 8.1633
 */
export function trialsWorth(epochs: number, correlation: number | null, holders: number): number {
  if (!(epochs >= 1)) throw new RangeError(`trialsWorth: ${epochs} epochs are fewer than one`);
  const weight = correlation === null ? 0 : weightOfData(holders);
  const estimated = Math.min(1, Math.max(0, correlation ?? 0));
  const shrunk = weight * estimated + (1 - weight) * PRIOR_REPEAT_CORRELATION;
  return epochs / (1 + (epochs - 1) * shrunk);
}
