import { randomSource } from '../numerics/random.ts';
import type { FiellerSet } from '../shares/fieller.ts';
import type { StratifiedPpiData } from './stratified-ppi.ts';

export interface JudgedStages {
  readonly seed: number;
  readonly samples?: number;
  /** Samples a cluster. */
  readonly clusterSize?: number;
  readonly labels?: number;
  /** `alike`: the trials of a stratum that are labelled are those of the same samples in all stages, as far as strata allow. */
  readonly draws?: 'alike' | 'apart' | 'random part';
}

/** Of the fall from 0.5 to 0.2 two thirds are the first step's; the judge sees it otherwise. */
const RATES = [0.5, 0.3, 0.2] as const;
export const FIRST_SHARE = 2 / 3;

/**
 * Three stages of samples whose clusters are more or less prone, and a judge that misses 5 %, 35 % and 10 % of the yeses and
 * invents 5 %: to it the first step has carried nearly all. Labels are picked evenly of what it says, half each.
 */
export function judgedStages({
  seed,
  samples = 600,
  clusterSize = 1,
  labels = 120,
  draws = 'alike',
}: JudgedStages) {
  const random = randomSource(seed);
  const prone = Array.from({ length: samples / clusterSize }, () => 0.5 + random.fraction()).flatMap(
    (times) => new Array<number>(clusterSize).fill(times),
  );
  // What a sample is like stays with it: mostly the same draw decides in all stages.
  const own = prone.map(() => random.fraction());
  const human = RATES.map((rate) =>
    prone.map((times, i) => {
      const luck = random.fraction() < 0.7 ? own[i]! : random.fraction();
      return Number(luck < rate * times);
    }),
  );
  const misses = [0.05, 0.35, 0.1];
  const judge = human.map((truth, s) =>
    truth.map((yes) => (random.fraction() < (yes ? misses[s]! : 0.05) ? 1 - yes : yes)),
  );
  const shared = prone.map(() => random.fraction());
  const stages = judge.map((said, s): StratifiedPpiData => {
    const order = draws === 'apart' ? said.map(() => random.fraction()) : shared;
    const strata = said.map((value) => (draws === 'random part' ? 'all' : String(value)));
    const names = [...new Set(strata)];
    const picked = new Set(
      names.flatMap((name) =>
        Array.from(said.keys())
          .filter((i) => strata[i] === name)
          .sort((a, b) => order[a]! - order[b]!)
          .slice(0, labels / names.length),
      ),
    );
    return {
      judge: said,
      human: human[s]!.map((value, i) => (picked.has(i) ? value : Number.NaN)),
      strata,
      samples: said.map((_, i) => i),
      clusters: said.map((_, i) => Math.floor(i / clusterSize)),
    };
  });
  return { stages, judge, human };
}

/** The ways in which labels come, by name. */
export const LABEL_DRAWS: readonly (readonly [string, Omit<JudgedStages, 'seed'>])[] = [
  ['picked alike in all stages', { draws: 'alike' }],
  ['picked in each stage apart', { draws: 'apart' }],
  ['of a random part', { draws: 'random part' }],
  ['in clusters of ten, picked alike', { draws: 'alike', clusterSize: 10 }],
  ['in clusters of ten, each stage apart', { draws: 'apart', clusterSize: 10 }],
];

export function holdsFirstShare(set: FiellerSet): boolean {
  if (set.kind === 'line') return true;
  if (set.kind === 'two rays') return FIRST_SHARE <= set.outside[0] || FIRST_SHARE >= set.outside[1];
  return set.interval[0] <= FIRST_SHARE && FIRST_SHARE <= set.interval[1];
}
