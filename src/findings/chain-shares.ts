import type { StageInfo } from '../core/index.ts';
import { counted } from '../format/index.ts';
import {
  type Clusters,
  carriedAtLeast,
  countRuns,
  holm,
  intersectionUnion,
  MINIMUM_CLUSTERS,
  readClusters,
  runCovariance,
  type StageChanges,
  sharesOf,
  stageChanges,
  withUnseenChanges,
} from '../stats/index.ts';
import type { ShareFindings } from './contrast-findings.ts';
import { unfairness } from './fairness.ts';
import type { Interval } from './findings.ts';
import { differenceRange, possible, possibleInterval } from './possible.ts';
import type { RatingColumn } from './rating-column.ts';
import { inEveryRun, meansByRun } from './replicates.ts';
import type { StageValues } from './stage-values.ts';
import { size } from './words.ts';

/** What a stage must have carried of the total change to be named for it: more than this part of it. */
const MOST = 0.5;

/** A part that a stage carried is believed below this. */
const CARRIED = 0.05;

/** A total less sure than this (t²·Var(total)/total²) is divided by nobody. */
const LARGEST_G = 0.2;

/** Along which chain a measure is divided, as one rater sees it. */
export interface Chain {
  readonly column: RatingColumn;
  readonly stages: readonly StageInfo[];
  /** Stage numbers, in training order. */
  readonly chain: readonly number[];
  /** A total within it is not divided; `null` where none was declared: then the total only has to exclude 0. */
  readonly margin: number | null;
}

/** The shares of a measure: of its first chain and, where the stages branch, of every chain that has shares. */
type MeasureShares<S extends ShareFindings = ShareFindings> = {
  readonly shares?: S;
  readonly branches?: readonly S[];
};

/**
 * The shares along every chain of three stages or more, with the carriers named.
 *
 * @param chains the first one's shares are `shares`; with more than one, `branches` has them all
 * @param of     the shares along one chain; `undefined` for fewer than three stages
 */
export function sharesAlong<S extends ShareFindings>(
  chains: readonly Chain[],
  of: (along: Chain) => S | undefined,
): MeasureShares<S> {
  const found = withCarriers(chains.flatMap((chain) => of(chain) ?? []));
  if (found.length === 0) return {};
  return { shares: found[0]!, ...(found.length > 1 ? { branches: found } : {}) };
}

/**
 * How the change from the first stage of the chain to the last divides among its steps, on the samples that have a value
 * in all of them. Carriers are named by `sharesAlong`, which counts the steps of all chains.
 *
 * @param values of each stage, by number
 * @returns      `undefined` for fewer than three stages
 */
export function chainShares(along: Chain, values: readonly StageValues[]): ShareFindings | undefined {
  const { column, chain } = along;
  if (chain.length < 3) return undefined;
  const { table } = column;
  const shared = table.samples
    .map((_, sample) => sample)
    .filter((sample) => chain.every((stage) => !Number.isNaN(values[stage]!.means[sample])));
  const clusters = Int32Array.from(shared, (sample) => table.clusters[sample]!);
  const facts = { n: shared.length, clusters: new Set(clusters).size };
  const refusal = refusalOf(along, facts.n);
  if (refusal !== null) return refusedShares(along, facts, refusal);
  const byStage = chain.map((stage) => Float64Array.from(shared, (sample) => values[stage]!.means[sample]!));
  const changes = stageChanges(byStage, clusters);
  const counted = withRuns(along, changes);
  return typeof counted === 'string'
    ? refusedShares(along, facts, counted)
    : sharesFound(along, counted, changes.df);
}

/** The changes with what training runs add to their variances; a text that says why that is not known. */
export function withRuns({ column, chain }: Chain, changes: StageChanges): StageChanges | string {
  const { table } = column;
  if (chain.every((stage) => table.runs[stage] === 1)) return changes;
  const counts = new Set(chain.map((stage) => table.runs[stage]!).filter((runs) => runs > 1));
  const [runs] = counts;
  if (runs === undefined || counts.size > 1) return 'the stages have different numbers of replicates';
  if (changes.covariance === null || changes.df === null) return changes;
  const means = chain.map((stage) => meansByRun(column, stage));
  const shared = inEveryRun(means.flat());
  if (shared.length === 0) return 'no sample has a value in every run of every stage';
  const at = (place: number, run: number) => means[place]![means[place]!.length === 1 ? 0 : run]!;
  const change = (from: number, to: number) =>
    Array.from({ length: runs }, (_, run) =>
      Float64Array.from(shared, (sample) => at(to, run)[sample]! - at(from, run)[sample]!),
    );
  const steps = [...chain.keys()].slice(1).map((place) => change(place - 1, place));
  const variables = [...steps, change(0, chain.length - 1)];
  const clusters = readClusters(
    shared.map((sample) => table.clusters[sample]!),
    shared.length,
  );
  return withRunCovariance(changes, variables, clusters);
}

/**
 * Changes with what training runs add to their variances.
 *
 * @param variables by change, then by run: one value a sample that every run has a value for
 */
export function withRunCovariance(
  changes: StageChanges,
  variables: readonly (readonly Float64Array[])[],
  clusters: Clusters,
): StageChanges {
  const { covariance, df } = changes;
  if (covariance === null || df === null) return changes;
  const found = runCovariance(variables, clusters);
  const added = (a: number, b: number) => found.covariances[a]![b]! - found.interactions[a]![b]!;
  const varies = variables.map((_, a) => added(a, a) > 0);
  const dfs = covariance.map(
    (row, a) =>
      countRuns({ variance: row[a]!, df }, [
        { runs: found.covariances[a]![a]!, interaction: found.interactions[a]![a]!, df: found.df },
      ]).df,
  );
  return {
    ...changes,
    covariance: covariance.map((row, a) =>
      row.map((value, b) => (varies[a] && varies[b] ? value + added(a, b) : value)),
    ),
    df: Math.min(...dfs),
  };
}

/** Why the stages of a chain can't be held against each other; `null` where they can. @param n shared samples */
export function refusalOf({ column, chain, stages }: Chain, n: number): string | null {
  if (n === 0) return 'no sample has a value in every stage';
  for (const [index, to] of chain.slice(1).entries()) {
    const from = chain[index]!;
    const unfair = unfairness(column, from, to);
    if (unfair !== null) return `between ${stages[from]!.id} and ${stages[to]!.id}, ${unfair}`;
  }
  return null;
}

/** Shares of which nothing is known, and why. */
export function refusedShares(
  { chain, stages }: Chain,
  { n, clusters }: Pick<ShareFindings, 'n' | 'clusters'>,
  why: string,
): ShareFindings {
  const ends = { from: stages[chain[0]!]!.id, to: stages[chain.at(-1)!]!.id };
  return {
    ...ends,
    ...{ n, clusters, total: null, totalInterval: null, identified: false, why },
    ...{ carriers: [], opposed: false, parts: [] },
  };
}

/**
 * What the changes along a chain, raw or corrected, say of who carried them.
 *
 * @param clusterDf of the clusters alone, where training runs are counted in the changes
 */
export function sharesFound(along: Chain, seen: StageChanges, clusterDf = seen.df): ShareFindings {
  const { column, chain, stages, margin } = along;
  const [bottom, top] = column.measure.range;
  const changes = withUnseenChanges(seen, top - bottom);
  const { n, clusters, total, steps, g } = sharesOf(changes);
  if (total.interval === null) return refusedShares(along, changes, 'all samples are in one cluster');
  const range = differenceRange(column.measure);
  const why = whyNotIdentified(column, { clusters, df: clusterDf, total, g, margin });
  const parts = steps.map((step, index) => {
    const { p, pTotal } = carriedAtLeast(changes, index, MOST);
    const set = step.fieller;
    return {
      from: stages[chain[index]!]!.id,
      to: stages[chain[index + 1]!]!.id,
      change: possible(step.change, range),
      changeInterval: possibleInterval(step.interval!, range),
      share: why === null ? step.share : null,
      interval: why === null && set?.kind === 'bounded' ? set.interval : null,
      carried: { atLeast: MOST, p: intersectionUnion([p!, pTotal!]) },
    };
  });
  const opposed = parts.some(({ changeInterval: [low, high] }) => (total.change > 0 ? high < 0 : low > 0));
  return {
    from: stages[chain[0]!]!.id,
    to: stages[chain.at(-1)!]!.id,
    n,
    clusters,
    total: possible(total.change, range),
    totalInterval: possibleInterval(total.interval, range),
    identified: why === null,
    ...(why === null ? {} : { why }),
    carriers: [],
    opposed,
    parts,
  };
}

/**
 * The stages whose carrier tests hold, all steps of the measure counted (Holm), those of other branches too. Where a step is
 * shown to go against the total, shares exceed the whole and none is named: headline, table and `verify` read this one list.
 */
function withCarriers<S extends ShareFindings>(all: readonly S[]): S[] {
  const tests = all.flatMap((found) => found.parts.map(({ to, carried }) => ({ found, to, p: carried.p })));
  const adjusted = holm(tests.map(({ p }) => p));
  const holding = tests.filter((_, i) => adjusted[i]! < CARRIED);
  return all.map((found) => {
    const named = found.identified && !found.opposed ? holding : [];
    return { ...found, carriers: named.filter((test) => test.found === found).map(({ to }) => to) };
  });
}

function whyNotIdentified(
  { measure }: RatingColumn,
  found: {
    readonly clusters: number;
    readonly df: number | null;
    readonly total: { readonly change: number; readonly interval: Interval | null };
    readonly g: number | null;
    readonly margin: number | null;
  },
): string | null {
  const { clusters, df, total, g, margin } = found;
  if (df === null || df + 1 < MINIMUM_CLUSTERS - 1e-9) {
    const few =
      clusters < MINIMUM_CLUSTERS ? '' : `, as informative as ${Math.floor((df ?? 0) + 1)} of equal size`;
    return `the samples are in ${counted(clusters, 'cluster')}${few}, fewer than the ${MINIMUM_CLUSTERS} that an interval needs`;
  }
  if (margin !== null && Math.abs(total.change) <= margin) {
    return `the change from first to last is within the margin of ±${size(measure, margin)}, so there is hardly anything to share`;
  }
  if (margin === null && total.interval !== null && total.interval[0] <= 0 && total.interval[1] >= 0) {
    return 'the change from first to last is not shown to differ from 0';
  }
  if (g === null || g > LARGEST_G) {
    return 'the change from first to last is itself too uncertain to be divided among the stages';
  }
  return null;
}
