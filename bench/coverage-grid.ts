import {
  type DifferenceVerdict,
  pairedDifference,
  randomSource,
  smallestProvableMargin,
  VERDICTS,
  verdict,
} from '../src/stats/index.ts';
import { clusteredRate } from '../src/stats/testing/clustered-rate.ts';
import { tangoOnEffectiveN } from '../src/stats/testing/tango-on-effective-n.ts';
import { drawPairs, plantedCorrelations, unequalSizes } from './planted-pairs.ts';

/** One planted truth, and how often the statistics told it. Shares of replications, in [0, 1]. */
export interface CoverageRow {
  /** True rate of the first stage; the second's is `rate + difference`. */
  readonly rate: number;
  /** Correlation of two samples of one cluster in one stage. */
  readonly icc: number;
  readonly clusters: number;
  readonly samples: number;
  readonly margin: number;
  /** True difference: 0, δ/2, δ or 2δ. */
  readonly difference: number;
  readonly replications: number;
  /** Coverage of the first stage's rate by 95 % intervals. */
  readonly oneRate: { readonly wilson: number; readonly kornGraubard: number; readonly tCR1: number };
  /** Coverage of the difference by 95 % intervals. */
  readonly paired: { readonly t: number; readonly tango: number };
  readonly verdicts: Readonly<Record<DifferenceVerdict, number>>;
}

export interface GridOptions {
  /** A small grid, in seconds: for tests. */
  readonly quick?: boolean;
  readonly replications?: number;
  readonly seed?: number;
  /** One δ for all; or for each cell the smallest margin that a planner told the truth calls provable at 80 % power. */
  readonly margin?: number | 'planned';
  /** Analyses every sample as a cluster of its own: a mistake that the grid is there to catch. */
  readonly ignoreClusters?: boolean;
  /** Called after every cell. */
  readonly onCell?: (done: number, cells: number) => void;
}

const FULL = { rates: [0.01, 0.05, 0.3, 0.5], iccs: [0, 0.1, 0.3], clusters: [10, 20, 50, 150] };
const QUICK = { rates: [0.05, 0.5], iccs: [0, 0.3], clusters: [10, 50] };
/** Probability that a sample's answers in the two stages come from one number: without clusters, their correlation. */
const SHARED = 0.5;

/** Runs the grid of planted truths: every cell draws its own numbers from its own seed. */
export function coverageGrid(options: GridOptions = {}): CoverageRow[] {
  const { quick = false, replications = quick ? 400 : 4000, seed = 20_260, margin = 0.1 } = options;
  const { rates, iccs, clusters } = quick ? QUICK : FULL;
  const cells = rates.flatMap((rate) =>
    iccs.flatMap((icc) => clusters.map((count) => ({ rate, icc, clusters: count }))),
  );
  return cells.flatMap((cell, index) => {
    const delta = margin === 'planned' ? plannedMargin(cell) : margin;
    const rows = [0, delta / 2, delta, 2 * delta].map((difference, step) =>
      simulate({ ...cell, margin: delta, difference }, replications, seed + 4 * index + step, options),
    );
    options.onCell?.(index + 1, cells.length);
    return rows;
  });
}

interface Cell {
  readonly rate: number;
  readonly icc: number;
  readonly clusters: number;
}

/** No larger than leaves room for a difference of 2δ above the rate. */
function plannedMargin({ rate, icc, clusters }: Cell): number {
  const sizes = unequalSizes(clusters);
  const samples = sizes.reduce((total, size) => total + size, 0);
  const truth = { from: rate, to: rate, icc, shared: SHARED, sizes };
  const { correlation, differenceIcc } = plantedCorrelations(truth, randomSource(1));
  const provable = smallestProvableMargin({
    samples,
    clusters,
    sizes,
    rate,
    icc: differenceIcc,
    correlation,
  })!;
  return Math.min(provable, (0.98 - rate) / 2);
}

function simulate(
  cell: Cell & { readonly margin: number; readonly difference: number },
  replications: number,
  seed: number,
  { ignoreClusters = false }: GridOptions,
): CoverageRow {
  const { rate, icc, clusters, margin, difference } = cell;
  const sizes = unequalSizes(clusters);
  const clustered = Int32Array.from(sizes.flatMap((size, g) => new Array<number>(size).fill(g)));
  const labels = ignoreClusters ? clustered.map((_, i) => i) : clustered;
  const truth = { from: rate, to: rate + difference, icc, shared: SHARED, sizes };
  const random = randomSource(seed);
  const hits = { wilson: 0, kornGraubard: 0, tCR1: 0, t: 0, tango: 0 };
  const verdicts = Object.fromEntries(VERDICTS.map((word) => [word, 0])) as Record<DifferenceVerdict, number>;
  const share = 1 / replications;
  for (let r = 0; r < replications; r++) {
    const { first, second } = drawPairs(truth, random);
    const one = clusteredRate(first, labels);
    if (contains(one.interval!, rate)) hits.wilson += share;
    if (contains(one.kornGraubard!, rate)) hits.kornGraubard += share;
    if (contains(one.tCR1!, rate)) hits.tCR1 += share;
    const d = Float64Array.from(second, (value, i) => value - first[i]!);
    const interval95 = pairedDifference(d, labels).interval!;
    if (contains(interval95, difference)) hits.t += share;
    if (contains(tangoOnEffectiveN(d, labels)!, difference)) hits.tango += share;
    const interval90s = [pairedDifference(d, labels, 0.9).interval!, tangoOnEffectiveN(d, labels, 0.9)!];
    verdicts[verdict({ interval95, interval90s, margin })] += share;
  }
  const { wilson, kornGraubard, tCR1, t, tango } = hits;
  const samples = labels.length;
  return {
    ...{ rate, icc, clusters, samples, margin, difference, replications },
    oneRate: { wilson, kornGraubard, tCR1 },
    paired: { t, tango },
    verdicts,
  };
}

function contains([lower, upper]: readonly [number, number], truth: number): boolean {
  return lower <= truth && truth <= upper;
}
