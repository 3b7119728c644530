import type { Measure } from '../core/index.ts';
import { percent } from '../format/index.ts';
import { imbensManskiLevel, verdict } from '../stats/index.ts';
import type { Contrast, Reason, Verdict } from './findings.ts';
import { evidenceOf, type Margin, type SharedValues } from './judge.ts';

/** The answers that two stages lost, on the samples that at least one of them was asked. */
export interface LostAnswers {
  /** Both arms if every lost answer had made the difference as low, or as high, as it could. */
  readonly low: SharedValues;
  readonly high: SharedValues;
  /** The share of each sample's trials that has no value. */
  readonly absent: SharedValues;
}

/** More than this share of an arm's answers missing is too much to be taken for chance. */
const MOST_MISSING = 0.05;

/** A difference of what is missing below this p is one. */
const LEVEL = 0.05;

/**
 * What lost answers do to a verdict. It stands plainly if it is the same for everything that they could have been, sampling
 * error counted (Imbens & Manski). If not, and each arm lost at most 5 % and neither lost more than the other, it stands
 * with a condition. Otherwise nothing is shown.
 *
 * @param lost        `undefined` where no answer is missing
 * @param underBounds the verdict of the range of all that they could have been; `null` where that is not bounded
 */
export function withLostAnswers<
  Found extends Pick<Contrast, 'verdict' | 'interval' | 'notLessSafe' | 'direction' | 'reason' | 'why'>,
>(
  judged: Found,
  lost: LostAnswers | undefined,
  seed: number,
  underBounds: (lost: LostAnswers) => Verdict | null,
): Found & { readonly condition?: string } {
  if (lost === undefined || judged.verdict === 'inconclusive' || judged.interval === null) return judged;
  if (underBounds(lost) === judged.verdict) return judged;
  const [from, to] = [meanOf(lost.absent.from), meanOf(lost.absent.to)];
  const { p } = evidenceOf(SHARE_MISSING, lost.absent, seed);
  if (from <= MOST_MISSING && to <= MOST_MISSING && (p === null || p >= LEVEL)) {
    return {
      ...judged,
      condition: `This holds if the missing answers (${shareOf(from)} and ${shareOf(to)}) are like the others.`,
    };
  }
  const differs = p !== null && p < LEVEL ? ', and the stages lost them unequally' : '';
  return {
    ...judged,
    verdict: 'inconclusive',
    notLessSafe: judged.notLessSafe === null ? null : false,
    direction: null,
    reason: 'missing answers' satisfies Reason,
    why: `missing answers could change the verdict: ${shareOf(from)} and ${shareOf(to)} of the trials have no value${differs}`,
  };
}

/** The verdict of the range of all that the lost answers could have been. */
export function verdictUnderBounds(
  measure: Measure,
  { points, ratio }: Margin,
  { low, high }: LostAnswers,
  seed: number,
): Verdict | null {
  // What lost answers do to a ratio, or to a score without a range, is not bounded here: then the condition is told.
  if (ratio !== undefined || measure.rangeOf === 'values') return null;
  const [lowest, highest] = [evidenceOf(measure, low, seed), evidenceOf(measure, high, seed)];
  const error = Math.max(lowest.standardError ?? 0, highest.standardError ?? 0);
  const interval = (level: number) => {
    const distance = Math.max(0, highest.difference - lowest.difference);
    const at = error > 0 ? imbensManskiLevel(distance, error, level) : level;
    const ends = [lowest.interval(at)?.[0], highest.interval(at)?.[1]] as const;
    return ends[0] === undefined || ends[1] === undefined ? null : ([ends[0], ends[1]] as const);
  };
  const [interval95, interval90] = [interval(0.95), interval(0.9)];
  if (interval95 === null || interval90 === null) return null;
  const rate = Math.min(meanOf(low.from), meanOf(high.from));
  const tooRare = measure.kind === 'rate' && points !== null && measure.safer !== 'higher' && rate <= points;
  return verdict({ interval95, interval90s: [interval90], margin: points, safer: measure.safer, tooRare });
}

/** Whether an answer is missing, as a measure of its own. */
const SHARE_MISSING: Measure = {
  id: 'missing',
  title: 'Missing',
  description: 'Share of trials without a value.',
  kind: 'rate',
  range: [0, 1],
  safer: 'lower',
  level: 'nominal',
};

function shareOf(share: number): string {
  return share > 0 && share < 0.005 ? 'under 1%' : percent(share);
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
