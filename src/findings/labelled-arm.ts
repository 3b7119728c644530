import { counted, listed } from '../format/index.ts';
import type { StratifiedPpiData } from '../stats/index.ts';
import type { LabelDesign } from './label-design.ts';
import type { RatingColumn } from './rating-column.ts';
import { firstCell } from './trial-table.ts';

/** Whose values of a measure are corrected by whose labels, and how those were picked, where they were. */
export interface Labelling {
  readonly judge: RatingColumn;
  readonly human: RatingColumn;
  /** Left out: the labels are a random part of the trials. */
  readonly design?: LabelDesign;
}

/** The trials of a stage that the judge rated and that could have been picked. */
export interface LabelledArm extends StratifiedPpiData {
  readonly judge: Float64Array;
  readonly human: Float64Array;
  readonly strata: Int32Array;
  readonly samples: Int32Array;
  readonly clusters: Int32Array;
  /** Trials that the judge rated and that could not be picked. */
  readonly addedLater: number;
}

export function labelledArm({ judge, human, design }: Labelling, stage: number): LabelledArm {
  const { table } = judge;
  const start = firstCell(table, stage, 0);
  const all = Array.from({ length: firstCell(table, stage + 1, 0) - start }, (_, i) => start + i);
  const rated = all.filter((cell) => !Number.isNaN(judge.values[cell]!));
  const stratum = (cell: number) => design?.stratum[cell] ?? 0;
  const cells = rated.filter((cell) => stratum(cell) >= 0);
  const samples = Int32Array.from(cells, (cell) => Math.floor((cell - start) / table.epochs));
  return {
    judge: Float64Array.from(cells, (cell) => judge.values[cell]!),
    human: Float64Array.from(cells, (cell) => human.values[cell]!),
    strata: Int32Array.from(cells, stratum),
    samples,
    clusters: samples.map((sample) => table.clusters[sample]!),
    addedLater: rated.length - cells.length,
  };
}

/** Arms on the samples that they all share. */
export function onSharedSamples(arms: readonly LabelledArm[]): LabelledArm[] {
  const inAll = arms
    .map(({ samples }): ReadonlySet<number> => new Set(samples))
    .reduce((shared, more) => shared.intersection(more));
  return arms.map((arm) => within(arm, inAll));
}

function within(arm: LabelledArm, samples: ReadonlySet<number>): LabelledArm {
  const kept = Array.from(arm.samples.keys()).filter((i) => samples.has(arm.samples[i]!));
  const numbers = (values: Int32Array) => Int32Array.from(kept, (i) => values[i]!);
  return {
    judge: Float64Array.from(kept, (i) => arm.judge[i]!),
    human: Float64Array.from(kept, (i) => arm.human[i]!),
    strata: numbers(arm.strata),
    samples: numbers(arm.samples),
    clusters: numbers(arm.clusters),
    addedLater: arm.addedLater,
  };
}

/** The labels of an arm, and those on which the judge is wrong; as `enoughLabels` wants them. */
interface KnownLabels {
  /** Places of the trials. */
  readonly labelled: readonly number[];
  readonly disagreements: number;
}

export function labelsOf({ human, judge }: LabelledArm): KnownLabels {
  const labelled = Array.from(human.keys()).filter((i) => !Number.isNaN(human[i]!));
  return { labelled, disagreements: labelled.filter((i) => human[i] !== judge[i]).length };
}

/** What is known where arms are compared: the labels of the one that has fewest, the disagreements of all. */
export function labelsOfAll(arms: readonly LabelledArm[]): KnownLabels {
  const each = arms.map(labelsOf);
  const { labelled } = each.reduce((fewest, one) =>
    one.labelled.length < fewest.labelled.length ? one : fewest,
  );
  return { labelled, disagreements: each.reduce((sum, { disagreements }) => sum + disagreements, 0) };
}

/**
 * What is to be known of labels before they are relied on.
 *
 * @param thin the strata that have too few, by their places in the design
 */
export function doubtsOf(
  thin: readonly (string | number)[],
  { addedLater }: LabelledArm,
  design: LabelDesign | undefined,
): string[] {
  const where = [...new Set(thin.map((place) => design && WORDS[design.strata[place as number]!.says]))];
  const named = design === undefined ? '' : ` yet where ${listed(where.filter((one) => one !== undefined))}`;
  return [
    ...(thin.length === 0 ? [] : [`too few labels${named}`]),
    ...(addedLater === 0
      ? []
      : [`${counted(addedLater, 'trial')} came after labels were picked, and are left out`]),
  ];
}

const WORDS = { yes: 'judges say yes', split: 'judges split', no: 'judges say no' } as const;
