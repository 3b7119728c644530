import { levelsAt, lookAt } from '../src/findings/looks.ts';
import type { TakenLook } from '../src/records/index.ts';
import { type Interval, pairedEvidence, type RandomSource, readClusters } from '../src/stats/index.ts';
import { drawPairs } from './planted-pairs.ts';

/** A run without a difference whose findings are looked at several times. */
export interface LooksDesign {
  /** The parts of the run's answers after which looks were declared. */
  readonly declared: readonly number[];
  /** The parts at which findings are made; the declared ones unless given. */
  readonly made?: readonly number[];
  /** Samples in each cluster. */
  readonly sizes: readonly number[];
  readonly icc: number;
  /** How often both stages answer 1. */
  readonly rate: number;
  /** In which order the samples are asked. `spread`: as stemma asks them, each cluster in its proportion. */
  readonly order: 'spread' | 'cluster by cluster' | 'largest cluster last' | 'largest cluster first';
  /** The part of this eval's answers that is there at a part of the run's: its evals may be asked one after the other. */
  readonly askedAt?: (part: number) => number;
  /** Whether the looks' information is what was observed, or in proportion to the run's answers. */
  readonly information: 'observed' | 'in proportion';
}

const even = { sizes: new Array<number>(40).fill(10), rate: 0.3, information: 'observed' } as const;
const zipf = { ...even, sizes: even.sizes.map((_, i) => Math.max(1, Math.round(100 / (i + 1)))), icc: 0.3 };
const declared = [0.2, 0.4, 0.6, 0.8, 1];
/** Every twentieth part of the answers from the first look on. */
const often = Array.from({ length: 17 }, (_, i) => 0.2 + 0.05 * i);

/** Designs of the grid of verdicts, by what is particular in them. */
export const LOOKS: readonly (readonly [name: string, design: LooksDesign])[] = [
  ...([0, 0.3] as const).flatMap((icc) =>
    (['spread', 'cluster by cluster'] as const).map(
      (order) => [`${order}, icc ${icc}`, { ...even, declared, icc, order }] as const,
    ),
  ),
  ...(['spread', 'largest cluster first', 'largest cluster last'] as const).map(
    (order) => [`Zipf clusters, ${order}, icc 0.3`, { ...zipf, declared, order }] as const,
  ),
  ...(
    [
      ['an eval that begins at half of the answers', (part: number) => Math.max(0, 2 * part - 1)],
      ['an eval that ends at half of the answers', (part: number) => Math.min(1, 2 * part)],
      [
        'a few of its answers, and nearly all at the end',
        (part: number) => Math.max(0.1 * part, 4 * part - 3),
      ],
    ] as const
  ).map(
    ([name, askedAt]) =>
      [`${name}, icc 0.3`, { ...even, declared, icc: 0.3, order: 'spread', askedAt }] as const,
  ),
  ...(['spread', 'cluster by cluster'] as const).map(
    (order) =>
      [
        `findings made at each twentieth part, ${order}, icc 0.3`,
        { ...even, declared, made: often, icc: 0.3, order },
      ] as const,
  ),
];

const ABOUT = { eval: 'e', measure: 'm', rater: 'r', from: 'a', to: 'b' };

/** Of one run, whether any look claims a difference. */
export function looksClaim(design: LooksDesign, random: RandomSource): boolean {
  const { declared, made = declared, sizes, icc, rate, askedAt = (part) => part } = design;
  const { first, second } = drawPairs({ from: rate, to: rate, icc, shared: 0.5, sizes }, random);
  const clusterOf = sizes.flatMap((size, cluster) => new Array<number>(size).fill(cluster));
  const order = orderOf(design, clusterOf);
  const taken: TakenLook[] = [];
  return made.some((part) => {
    const asked = order.slice(0, Math.round(askedAt(part) * order.length));
    const look = lookAt(declared, { recorded: Math.round(1e6 * part), planned: 1e6 }, taken);
    if (asked.length === 0 || look.part === 0) return false;
    const [from, to] = [first, second].map((arm) => Float64Array.from(asked, (sample) => arm[sample]!));
    const found = pairedEvidence(
      {
        ...{ from: from!, to: to!, epochs: 1, bound: 1, kind: 'rate' },
        clusters: readClusters(
          asked.map((sample) => clusterOf[sample]!),
          asked.length,
        ),
      },
      random.below(1000),
    );
    const now = { values: 2 * asked.length, standardError: found.standardError };
    const observed = design.information === 'observed';
    const once = found.interval(0.95);
    if (look.same === undefined) {
      const seen = { ...ABOUT, ...now, standardError: once && now.standardError };
      taken.push({ ...look, at: '2026-01-01T00:00:00Z', contrasts: observed ? [seen] : [] });
    }
    // What the interval of a single look does not show, a longer one does not.
    if (once === null || !excludesZero(once)) return false;
    return excludesZero(found.interval(levelsAt(look, now, observed ? ABOUT : undefined).wide)!);
  });
}

function excludesZero([low, high]: Interval): boolean {
  return low > 0 || high < 0;
}

function orderOf({ order, sizes }: LooksDesign, clusterOf: readonly number[]): number[] {
  const all = Array.from(clusterOf.keys());
  const seen = sizes.map(() => 0);
  // The place of a sample within its cluster, as a part of it.
  const place = clusterOf.map((cluster) => (seen[cluster]!++ + 0.5) / sizes[cluster]!);
  const size = (sample: number) => sizes[clusterOf[sample]!]!;
  if (order === 'spread') return all.sort((a, b) => place[a]! - place[b]! || a - b);
  if (order === 'largest cluster first') return all.sort((a, b) => size(b) - size(a) || a - b);
  if (order === 'largest cluster last') return all.sort((a, b) => size(a) - size(b) || a - b);
  return all;
}
