import type { StageInfo } from '../core/index.ts';
import { carriedAtLeast, intersectionUnion, MINIMUM_CLUSTERS, stageShares } from '../stats/index.ts';
import { unfairness } from './fairness.ts';
import type { ShareFindings } from './findings.ts';
import type { RatingColumn } from './rating-column.ts';
import type { StageValues } from './stage-values.ts';
import { counted, size } from './words.ts';

/** What a stage must have carried of the total change to be named for it: most of it. */
export const MOST = 0.5;

/** A total less sure than this (t²·Var(total)/total²) is divided by nobody. */
const LARGEST_G = 0.2;

/**
 * How the change from the first stage of the chain to the last divides among its steps, on the samples that have a value
 * in all of them.
 *
 * @param chain  stage numbers, in training order
 * @param values of each stage, by number
 * @param margin a total within it is not divided
 * @returns      `undefined` for fewer than three stages
 */
export function chainShares(
  column: RatingColumn,
  chain: readonly number[],
  stages: readonly StageInfo[],
  values: readonly StageValues[],
  margin: number,
): ShareFindings | undefined {
  if (chain.length < 3) return undefined;
  const { table } = column;
  const shared = table.samples
    .map((_, sample) => sample)
    .filter((sample) => chain.every((stage) => !Number.isNaN(values[stage]!.means[sample])));
  const clusters = Int32Array.from(shared, (sample) => table.clusters[sample]!);
  const ends = { from: stages[chain[0]!]!.id, to: stages[chain.at(-1)!]!.id };
  const facts = { ...ends, n: shared.length, clusters: new Set(clusters).size };
  const refused = { ...facts, total: null, totalInterval: null, identified: false, parts: [] };
  if (shared.length === 0) return { ...refused, why: 'no sample has a value in every stage' };
  const unfair = unfairStep(column, chain, stages);
  if (unfair !== null) return { ...refused, why: unfair };
  const byStage = chain.map((stage) => Float64Array.from(shared, (sample) => values[stage]!.means[sample]!));
  const { total, steps, g } = stageShares(byStage, clusters);
  if (total.interval === null) return { ...refused, why: 'all samples stand in one cluster' };
  const why = whyNotIdentified(column, facts.clusters, total.change, g, margin);
  const parts = steps.map((step, index) => {
    const { p, pTotal } = carriedAtLeast(byStage, clusters, index, MOST);
    const set = step.fieller;
    return {
      from: stages[chain[index]!]!.id,
      to: stages[chain[index + 1]!]!.id,
      change: step.change,
      changeInterval: step.interval!,
      share: why === null ? step.share : null,
      interval: why === null && set?.kind === 'bounded' ? set.interval : null,
      carried: { atLeast: MOST, p: intersectionUnion([p!, pTotal!]) },
    };
  });
  return {
    ...facts,
    total: total.change,
    totalInterval: total.interval,
    identified: why === null,
    ...(why === null ? {} : { why }),
    parts,
  };
}

function unfairStep(
  column: RatingColumn,
  chain: readonly number[],
  stages: readonly StageInfo[],
): string | null {
  for (const [index, to] of chain.slice(1).entries()) {
    const from = chain[index]!;
    const unfair = unfairness(column, from, to);
    if (unfair !== null) return `between ${stages[from]!.id} and ${stages[to]!.id}, ${unfair}`;
  }
  return null;
}

function whyNotIdentified(
  { measure }: RatingColumn,
  clusters: number,
  total: number,
  g: number | null,
  margin: number,
): string | null {
  if (clusters < MINIMUM_CLUSTERS) {
    return `the samples stand in ${counted(clusters, 'cluster')}, fewer than the ${MINIMUM_CLUSTERS} that an interval needs`;
  }
  if (Math.abs(total) <= margin) {
    return `the change from first to last is within the margin of ±${size(measure, margin)}, so there is hardly anything to share`;
  }
  if (g === null || g > LARGEST_G) {
    return 'the change from first to last is itself too uncertain to be divided among the stages';
  }
  return null;
}
