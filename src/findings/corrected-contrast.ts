import {
  MINIMUM_CLUSTERS,
  type PairedPpiData,
  pairedDifference,
  ppiPaired,
  signFlip,
  verdict,
} from '../stats/index.ts';
import type { Contrast, CorrectedFindings } from './findings.ts';
import { enoughLabels, type Labels, labelledBy, tooFewLabels } from './labels.ts';
import { differenceRange, errorDifferenceRange, possible, possibleInterval } from './possible.ts';
import type { RatingColumn } from './rating-column.ts';
import type { StagePair } from './stage-chain.ts';

/** What the human's values say of a pair of stages. */
export interface HumanContrast {
  readonly pair: StagePair;
  readonly contrast: Contrast;
  readonly seed: number;
}

type Corrected = CorrectedFindings['contrasts'][number];

/** A judge's contrast of two stages corrected by a human's labels, and whether the judge errs alike in both. */
export function correctedContrast(
  judge: RatingColumn,
  human: RatingColumn,
  { pair: [from, to], contrast, seed }: HumanContrast,
): Corrected {
  const ends = { from: contrast.from, to: contrast.to };
  if (contrast.verdict === 'not compared') {
    return {
      ...ends,
      ...NOT_CORRECTED,
      ...NO_ERRORS,
      ...(contrast.why === undefined ? {} : { why: contrast.why }),
    };
  }
  const arms = { from: labelledBy(human, judge, from), to: labelledBy(human, judge, to) };
  const both = pairedLabels(arms, judge.table.clusters);
  const errors = errorDifference(both, judge, seed);
  const byHuman = {
    difference: contrast.difference,
    interval: contrast.interval,
    verdict: contrast.verdict,
  };
  if (both.unlabelled === 0) return { ...ends, ...byHuman, ...errors, why: 'humans labelled every sample' };
  if (!enoughLabels(both)) return { ...ends, ...byHuman, ...errors, why: tooFewLabels(both) };
  return { ...ends, ...powered(both, judge, contrast.margin), ...errors };
}

const NOT_CORRECTED = { difference: null, interval: null, verdict: 'not compared' } as const;
const NO_ERRORS = { errorDifference: null, errorInterval: null, errorP: null } as const;

/** The samples that the judge rated in both stages: labelled in both, and the others. */
interface PairedLabels {
  readonly data: Required<PairedPpiData> & { readonly clusters: { readonly labelled: Int32Array } };
  readonly labelled: readonly number[];
  readonly unlabelled: number;
  /** Labelled samples on which the judge errs in one stage at least. */
  readonly disagreements: number;
}

function pairedLabels({ from, to }: { from: Labels; to: Labels }, clusterOf: Int32Array): PairedLabels {
  const [fromPlaces, toPlaces] = [placesOf(from), placesOf(to)];
  const labelled = from.labelled.filter((sample) => (toPlaces.get(sample) ?? -1) >= 0);
  const isLabelled = new Set(labelled);
  const unlabelled = [...fromPlaces.keys()].filter(
    (sample) => !isLabelled.has(sample) && toPlaces.has(sample),
  );
  const at = (values: Float64Array, places: ReadonlyMap<number, number>) =>
    Float64Array.from(labelled, (sample) => values[places.get(sample)!]!);
  const human = { from: at(from.human, fromPlaces), to: at(to.human, toPlaces) };
  const judge = { from: at(from.judge, fromPlaces), to: at(to.judge, toPlaces) };
  const said = (arm: Labels, places: ReadonlyMap<number, number>) =>
    Float64Array.from(unlabelled, (sample) => {
      const place = places.get(sample)!;
      return place >= 0 ? arm.judge[place]! : arm.unlabelledJudge[-1 - place]!;
    });
  return {
    data: {
      labelled: { human, judge },
      unlabelled: { judge: { from: said(from, fromPlaces), to: said(to, toPlaces) } },
      clusters: {
        labelled: Int32Array.from(labelled, (sample) => clusterOf[sample]!),
        unlabelled: Int32Array.from(unlabelled, (sample) => clusterOf[sample]!),
      },
    },
    labelled,
    unlabelled: unlabelled.length,
    disagreements: labelled.filter((_, i) => human.from[i] !== judge.from[i] || human.to[i] !== judge.to[i])
      .length,
  };
}

/** Where each sample is: at 0, 1, … among the labelled, at −1, −2, … among the others. */
function placesOf({ labelled, unlabelled }: Labels): Map<number, number> {
  return new Map([
    ...labelled.map((sample, place) => [sample, place] as const),
    ...unlabelled.map((sample, place) => [sample, -1 - place] as const),
  ]);
}

function powered(
  { data }: PairedLabels,
  judge: RatingColumn,
  margin: number | null,
): Pick<Corrected, 'difference' | 'interval' | 'verdict' | 'why'> {
  const [bottom, top] = judge.measure.range;
  const options = { pseudoError: top - bottom };
  const range = differenceRange(judge.measure);
  const wide = ppiPaired(data, options);
  const difference = possible(wide.estimate, range);
  const narrow = ppiPaired(data, { ...options, level: 0.9 });
  const clusters = new Set([
    ...Array.from(data.clusters.labelled),
    ...Array.from(data.clusters.unlabelled as Int32Array),
  ]).size;
  if (wide.interval === null || clusters < MINIMUM_CLUSTERS) {
    const why = `too few clusters for an interval`;
    return { difference, interval: null, verdict: 'inconclusive', why };
  }
  return {
    difference,
    interval: possibleInterval(wide.interval, range),
    verdict: verdict({ interval95: wide.interval, interval90s: [narrow.interval!], margin }),
  };
}

/** The judge's mean error (judge − human) in the second stage minus that in the first, on samples labelled in both. */
function errorDifference(
  { data, labelled }: PairedLabels,
  { measure }: RatingColumn,
  seed: number,
): Pick<Corrected, 'errorDifference' | 'errorInterval' | 'errorP' | 'meanErrors'> {
  if (labelled.length === 0) return NO_ERRORS;
  const { human, judge } = data.labelled;
  const error = (arm: 'from' | 'to') => Float64Array.from(human[arm], (truth, i) => judge[arm][i]! - truth);
  const [before, after] = [error('from'), error('to')];
  const d = after.map((value, i) => value - before[i]!);
  const { clusters } = data;
  const meanErrors = { from: meanOf(before), to: meanOf(after) };
  const range = errorDifferenceRange(measure);
  const paired = pairedDifference(d, clusters.labelled, 0.95, range[1]);
  if (paired.clusters < MINIMUM_CLUSTERS) {
    const { p } = signFlip(d, clusters.labelled, { flips: 9999, seed });
    return { errorDifference: paired.mean, errorInterval: null, errorP: p, meanErrors };
  }
  const errorInterval = paired.interval && possibleInterval(paired.interval, range);
  return { errorDifference: paired.mean, errorInterval, errorP: paired.p, meanErrors };
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
