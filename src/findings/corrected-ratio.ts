import type { Measure } from '../core/index.ts';
import { type CorrectedRates, correctedRatio, type StratifiedPpiEstimate } from '../stats/index.ts';
import type { Interval } from './findings.ts';
import { outcomeOf } from './judge.ts';

/** What is known of a ratio where nothing is. */
export const ANY_RATIO: Interval = [0, Number.POSITIVE_INFINITY];

/**
 * How many times as frequent the outcome is at the later stage, at a two-sided level.
 *
 * @param shift how far lost answers could move the difference, down and up
 */
export type RatioAt = (
  level: number,
  shift?: Interval,
) => { readonly estimate: number | null; readonly interval: Interval };

/**
 * The ratio of two corrected rates. What hardly any label tells of, and lost answers, are taken at their worst: in either rate.
 * Training runs add to the variances as they do to that of the difference.
 *
 * @param slack of the earlier and of the later stage
 * @param alone the difference without the runs' part, and with it
 */
export function ratioOf(
  rates: CorrectedRates,
  measure: Measure,
  [slackFrom, slackTo]: readonly [number, number],
  [alone, whole]: readonly [StratifiedPpiEstimate, StratifiedPpiEstimate],
): RatioAt {
  const added = (alone.standardError ?? 0) > 0 ? ((whole.standardError ?? 0) / alone.standardError!) ** 2 : 1;
  const { numerator, denominator, between } = rates.covariance;
  const seen: CorrectedRates = {
    ...(outcomeOf(measure) === 'events'
      ? { from: rates.from, to: rates.to }
      : { from: 1 - rates.from, to: 1 - rates.to }),
    covariance: {
      numerator: added * numerator,
      denominator: added * denominator,
      between: added * between,
    },
    df: Math.min(rates.df, whole.df ?? rates.df),
  };
  const turned = outcomeOf(measure) === 'events';
  return (level, shift = [0, 0]) => {
    const [down, up] = turned ? shift : ([-shift[1], -shift[0]] as const);
    const at = (from: number, to: number) =>
      correctedRatio({ ...seen, from: seen.from + from, to: seen.to + to }, level).interval;
    const low = Math.min(at(slackFrom, -slackTo + down)[0], at(slackFrom - down, -slackTo)[0]);
    const high = Math.max(at(-slackFrom, slackTo + up)[1], at(-slackFrom - up, slackTo)[1]);
    return { estimate: correctedRatio(seen, level).estimate, interval: [low, high] };
  };
}
