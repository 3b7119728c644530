import { type Interval, studentTQuantile } from '../../stats/index.ts';
import { allocate } from './allocate.ts';

/** One stage before anything is labelled: what a judge says of it, and how it is taken to err. */
export interface ExpectedArm {
  /** Trials that the judge rated, and the clusters they are in. */
  readonly trials: number;
  readonly clusters: number;
  /** How much more its estimate varies than one of as many independent trials would; from its clusters. */
  readonly designEffect: number;
  readonly errors: RateErrors | ScoreErrors;
}

/** Of yes and no. */
interface RateErrors {
  readonly kind: 'rate';
  /** What the judge says. */
  readonly rate: number;
  readonly sensitivity: number;
  readonly specificity: number;
}

/** Of scores: how they vary, and how the judge's correlate with people's. */
interface ScoreErrors {
  readonly kind: 'score';
  readonly mean: number;
  readonly deviation: number;
  readonly correlation: number;
  readonly width: number;
}

/** The estimate that labels are expected to come to: Rogan and Gladen's for a rate; for a score the judge's own. */
export function expectedEstimate({ errors }: ExpectedArm): number {
  if (errors.kind === 'score') return errors.mean;
  const { rate, sensitivity, specificity } = errors;
  const youden = sensitivity + specificity - 1;
  if (youden <= 0) return rate;
  return Math.min(1, Math.max(0, (rate + specificity - 1) / youden));
}

/** The two parts of a corrected estimate's expected variance: what other samples would change, and what other labels would. */
interface ExpectedVariance {
  readonly samples: number;
  readonly labels: number;
}

/**
 * The variance that a corrected estimate is expected to have after so many labels, picked as `stemma label` picks. For a
 * rate, W_h the share of what the judge calls yes (no), v_h the variance of the truth there:
 * θ(1 − θ)/N + Σ W_h² v_h (1/n_h − 1/N_h), and the smoothing of the estimator, which is what rules where the judge seldom
 * errs. For a score with correlation r: s²/N + s²(1 − r²)(1/n − 1/N).
 *
 * @param labels at least 1
 */
export function expectedVariance(arm: ExpectedArm, labels: number): ExpectedVariance {
  const { trials, clusters, designEffect, errors } = arm;
  const icc = trials > clusters ? (designEffect - 1) / (trials / clusters - 1) : 0;
  const crowding = 1 + Math.max(0, icc) * Math.max(0, Math.min(labels, trials) / clusters - 1);
  if (errors.kind === 'score') {
    const n = Math.min(labels, trials);
    const { deviation, correlation, width } = errors;
    const rest = deviation ** 2 * (1 - correlation ** 2) * (1 / n - 1 / trials);
    const smoothing = 2 * ((width * (1 - n / trials)) / n) ** 2;
    return { samples: (deviation ** 2 / trials) * designEffect, labels: rest * crowding + smoothing };
  }
  const truth = expectedEstimate(arm);
  const strata = strataOf(errors, truth, trials);
  const shares = allocate(
    strata.map(({ says, size }) => ({ says, size, picked: 0 })),
    labels,
  );
  let variance = 0;
  strata.forEach(({ size, share }, h) => {
    const n = shares[h]!;
    if (size === 0 || n === 0) return;
    const weight = size / trials;
    const smoothing = 2 * ((weight * (1 - n / size)) / n) ** 2;
    variance += weight ** 2 * share * (1 - share) * (1 / n - 1 / size) * crowding + smoothing;
  });
  return { samples: ((truth * (1 - truth)) / trials) * designEffect, labels: variance };
}

/** What the judge calls yes and what it calls no, and the share of yeses that people would find in each. */
function strataOf({ rate, sensitivity, specificity }: RateErrors, truth: number, trials: number) {
  const yes = Math.round(rate * trials);
  const part = (found: number, of: number) => (of <= 0 ? 0 : Math.min(1, Math.max(0, found / of)));
  return [
    {
      says: 'yes' as const,
      size: yes,
      share: part(sensitivity * truth, sensitivity * truth + (1 - specificity) * (1 - truth)),
    },
    {
      says: 'no' as const,
      size: trials - yes,
      share: part((1 - sensitivity) * truth, (1 - sensitivity) * truth + specificity * (1 - truth)),
    },
  ];
}

/** Estimate ± t·SE, as it is to be expected. */
export function expectedInterval(
  estimate: number,
  variance: ExpectedVariance,
  degreesOfFreedom: number,
  level = 0.95,
): Interval {
  const t = studentTQuantile((1 + level) / 2, Math.max(1, degreesOfFreedom));
  const reach = t * Math.sqrt(variance.samples + variance.labels);
  return [estimate - reach, estimate + reach];
}
