import type { Measure } from '../core/index.ts';
import { counted, listed } from '../format/index.ts';
import type { StratifiedPpiData } from '../stats/index.ts';
import type { LabelDesign } from './label-design.ts';
import type { RatingColumn } from './rating-column.ts';
import { firstCell } from './trial-table.ts';

/** Whose values of a measure are corrected by whose labels, and the strata within which those count alike. */
export interface Labelling {
  readonly judge: RatingColumn;
  readonly human: RatingColumn;
  readonly design: LabelDesign;
}

/** The trials of a stage that the judge rated and that stand in a stratum. */
export interface LabelledArm extends StratifiedPpiData {
  readonly judge: Float64Array;
  /** The human's values; NaN where nobody labelled it and the judge is not taken to be right. */
  readonly human: Float64Array;
  /** The human's values as they were given. */
  readonly given: Float64Array;
  readonly strata: Int32Array;
  readonly samples: Int32Array;
  readonly clusters: Int32Array;
  /** Trials that the judge rated and that stand in no stratum. */
  readonly addedLater: number;
  /** The labels, and those on which the judge is wrong. */
  readonly labels: number;
  readonly disagreements: number;
  /** What is said where there are too few labels for any correction; none: there are enough. */
  readonly lacking: readonly string[];
  /**
   * Strata of at most 2 % of the trials may have hardly any label. There the judge is taken to be right, and this is the most
   * that it could move the mean; intervals are that much longer at either end.
   */
  readonly slack: number;
}

/** Fewer labels than this in a stratum above 2 % of the trials say too little of it. */
const FEWEST_IN_STRATUM = 5;
const SMALL_STRATUM = 0.02;

export function labelledArm(labelling: Labelling, stage: number): LabelledArm {
  return settled(rawArm(labelling, stage), labelling);
}

/** The arms of several stages on the samples that they all share. */
export function armsOnSharedSamples(labelling: Labelling, stages: readonly number[]): LabelledArm[] {
  const arms = stages.map((stage) => rawArm(labelling, stage));
  const inAll = arms
    .map(({ samples }): ReadonlySet<number> => new Set(samples))
    .reduce((shared, more) => shared.intersection(more));
  return arms.map((arm) => settled(within(arm, inAll), labelling));
}

type RawArm = Omit<LabelledArm, 'human' | 'labels' | 'disagreements' | 'lacking' | 'slack'>;

function rawArm({ judge, human, design }: Labelling, stage: number): RawArm {
  const { table } = judge;
  const start = firstCell(table, stage, 0);
  const all = Array.from({ length: firstCell(table, stage + 1, 0) - start }, (_, i) => start + i);
  const rated = all.filter((cell) => !Number.isNaN(judge.values[cell]!));
  const cells = rated.filter((cell) => design.stratum[cell]! >= 0);
  const samples = Int32Array.from(cells, (cell) => Math.floor((cell - start) / table.epochs));
  return {
    judge: Float64Array.from(cells, (cell) => judge.values[cell]!),
    given: Float64Array.from(cells, (cell) => human.values[cell]!),
    strata: Int32Array.from(cells, (cell) => design.stratum[cell]!),
    samples,
    clusters: samples.map((sample) => table.clusters[sample]!),
    addedLater: rated.length - cells.length,
  };
}

function within(arm: RawArm, samples: ReadonlySet<number>): RawArm {
  const kept = Array.from(arm.samples.keys()).filter((i) => samples.has(arm.samples[i]!));
  const numbers = (values: Int32Array) => Int32Array.from(kept, (i) => values[i]!);
  return {
    judge: Float64Array.from(kept, (i) => arm.judge[i]!),
    given: Float64Array.from(kept, (i) => arm.given[i]!),
    strata: numbers(arm.strata),
    samples: numbers(arm.samples),
    clusters: numbers(arm.clusters),
    addedLater: arm.addedLater,
  };
}

/** An arm with the rule on too few labels applied to each of its strata. */
function settled(arm: RawArm, { judge: { measure }, design }: Labelling): LabelledArm {
  const n = arm.judge.length;
  const human = arm.given.slice();
  const lacking: string[] = [];
  let slack = 0;
  for (const [place, members] of Map.groupBy(arm.judge.keys(), (i) => arm.strata[i]!)) {
    const labelled = members.filter((i) => !Number.isNaN(arm.given[i]!));
    if (labelled.length === members.length) continue;
    const comparable = new Set(labelled.map((i) => arm.clusters[i]!)).size >= 2;
    const small = members.length <= SMALL_STRATUM * n;
    if (comparable && (small || labelled.length >= FEWEST_IN_STRATUM)) continue;
    if (!small) {
      lacking.push(where(design.strata[place]!.says, design.drawn));
      continue;
    }
    for (const i of members) if (Number.isNaN(human[i])) human[i] = arm.judge[i]!;
    slack += ((members.length - labelled.length) / n) * widthOf(measure);
  }
  const known = Array.from(arm.given.keys()).filter((i) => !Number.isNaN(arm.given[i]!));
  return {
    ...arm,
    human,
    labels: known.length,
    disagreements: known.filter((i) => arm.given[i] !== arm.judge[i]).length,
    lacking,
    slack,
  };
}

function widthOf({ range: [bottom, top] }: Measure): number {
  return top - bottom;
}

const WHERE: Readonly<Record<string, string>> = {
  yes: 'say yes',
  split: 'split',
  no: 'say no',
  nothing: 'had said nothing',
};

/** `judges say yes`, `the judge says no`, `the judge says 3`. */
function where(says: string, drawn: boolean): string {
  return drawn ? `judges ${WHERE[says] ?? says}` : `the judge says ${says}`;
}

/** What is known where arms are compared: the labels of the one that has fewest, the disagreements of all. */
export function labelsOfAll(arms: readonly LabelledArm[]): Pick<LabelledArm, 'labels' | 'disagreements'> {
  return {
    labels: Math.min(...arms.map(({ labels }) => labels)),
    disagreements: arms.reduce((sum, { disagreements }) => sum + disagreements, 0),
  };
}

/** Why arms can't be corrected; `null` where they can. */
export function whyNotCorrected(arms: readonly LabelledArm[]): string | null {
  const places = [...new Set(arms.flatMap(({ lacking }) => lacking))];
  return places.length === 0
    ? null
    : `too few labels yet where ${listed(places)}: with fewer than ${FEWEST_IN_STRATUM} nothing is corrected`;
}

/** What is to be known of a correction before it is relied on. */
export function remarksOn(arms: readonly LabelledArm[], measure: Measure): string[] {
  const addedLater = Math.max(...arms.map((arm) => arm.addedLater));
  const slack = Math.max(...arms.map((arm) => arm.slack));
  const share = ((100 * slack) / widthOf(measure)).toPrecision(2);
  return [
    ...(addedLater === 0
      ? []
      : [`${counted(addedLater, 'trial')} came after labels were picked, and are left out`]),
    ...(slack === 0
      ? []
      : [
          `in ${Number(share)}% of the trials hardly any has a label; the interval is as long as they could make it`,
        ]),
  ];
}
