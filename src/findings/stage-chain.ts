import { type Analysis, InputError, type StageInfo } from '../core/index.ts';
import { nearest } from '../files/index.ts';
import type { FindingsStage } from './findings.ts';

/** Two stages, by their numbers in the manifest. */
export type StagePair = readonly [from: number, to: number];

/** How the stages of a run hang together, and which of them are compared. */
export interface StagePlan {
  /** The stages to report, by number, in order: those asked for, or all. */
  readonly shown: readonly number[];
  /**
   * The chain that the stages to report form, from its first stage to its last: the longest path by `from`. Empty where
   * no stage was trained from another.
   */
  readonly chain: readonly number[];
  /** The second and the last stage of the whole chain, also when not all of it is reported; `null` without a chain. */
  readonly firstTrained: number | null;
  readonly production: number | null;
  readonly pairs: readonly StagePair[];
  /** A/A: stages with the arm that is the same checkpoint once more; these arms stand nowhere else in the plan. */
  readonly again: readonly StagePair[];
}

/**
 * Which stages are compared. With `wanted`: all pairs of those. Else what the analysis says; there, `chain` is every
 * stage with the one it was trained from, the first of the chain with the last, and the first trained one with the
 * last. Stages none of which was trained from another are all compared with each other.
 *
 * @param wanted stage ids
 * @throws InputError for an id that is no stage's, or when only one is wanted
 */
export function planStages(
  stages: readonly StageInfo[],
  contrasts: Analysis['contrasts'],
  wanted?: readonly string[],
): StagePlan {
  const number = numberById(stages);
  const chain = mainChain(stages);
  const ends = { firstTrained: chain[1] ?? null, production: chain.at(-1) ?? null };
  if (wanted !== undefined) {
    const shown = [...new Set(wanted.map((id) => number(id)))];
    if (shown.length < 2)
      throw new InputError('name at least two stages to compare', { remedy: known(stages) });
    const part = chain.filter((stage) => shown.includes(stage));
    const again = againOf(stages).filter(([stage]) => shown.includes(stage));
    return { ...ends, shown, chain: part.length < 2 ? [] : part, pairs: allPairs(shown), again };
  }
  const shown = ownStages(stages);
  return { ...ends, shown, chain, pairs: pairsOf(stages, contrasts, chain), again: againOf(stages) };
}

function againOf(stages: readonly StageInfo[]): StagePair[] {
  const number = numberById(stages);
  return stages.flatMap(({ again }, arm): StagePair[] => (again === undefined ? [] : [[number(again), arm]]));
}

/** Numbers of the stages that are no A/A arm. */
function ownStages(stages: readonly StageInfo[]): number[] {
  return stages.flatMap(({ again }, stage) => (again === undefined ? [stage] : []));
}

function pairsOf(
  stages: readonly StageInfo[],
  contrasts: Analysis['contrasts'],
  chain: readonly number[],
): StagePair[] {
  const number = numberById(stages);
  if (typeof contrasts !== 'string') return contrasts.map(([from, to]) => [number(from), number(to)]);
  const shown = ownStages(stages);
  if (contrasts === 'all' || chain.length === 0) return allPairs(shown);
  const edges = shown.flatMap((to): StagePair[] => {
    const { from } = stages[to]!;
    return from === null ? [] : [[number(from), to]];
  });
  const ends: StagePair[] = [
    [chain[0]!, chain.at(-1)!],
    [chain[1]!, chain.at(-1)!],
  ];
  return distinct([...edges, ...ends]);
}

/**
 * The longest path by `from`, from a stage that was trained from none; of several the one whose last stage comes first.
 * Empty where it would have one stage only.
 */
function mainChain(stages: readonly StageInfo[]): number[] {
  const number = numberById(stages);
  let longest: number[] = [];
  for (let last = 0; last < stages.length; last++) {
    const path = [last];
    for (let from = stages[last]!.from; from !== null; from = stages[path[0]!]!.from) {
      const earlier = number(from);
      if (path.includes(earlier)) break;
      path.unshift(earlier);
    }
    if (path.length > longest.length) longest = path;
  }
  return longest.length < 2 ? [] : longest;
}

/** How the reported stages are described and drawn. */
export function describeStages(stages: readonly StageInfo[], plan: StagePlan): FindingsStage[] {
  return plan.shown.map((stage) => {
    const { id, title, kind, from, model } = stages[stage]!;
    return { id, title: title ?? id, kind, from, model, role: roleOf(stage, plan) };
  });
}

/** Where the first trained stage is also the last, it is shown as the first trained one. */
function roleOf(stage: number, { firstTrained, production }: StagePlan): FindingsStage['role'] {
  if (stage === firstTrained) return 'first-trained';
  return stage === production ? 'production' : 'other';
}

function allPairs(stages: readonly number[]): StagePair[] {
  return stages.flatMap((from, i) => stages.slice(i + 1).map((to): StagePair => [from, to]));
}

function distinct(pairs: readonly StagePair[]): StagePair[] {
  const byName = new Map(pairs.filter(([from, to]) => from !== to).map((pair) => [pair.join(' '), pair]));
  return [...byName.values()];
}

function numberById(stages: readonly StageInfo[]): (id: string) => number {
  const numbers = new Map(stages.map(({ id }, stage) => [id, stage]));
  return (id) => {
    const stage = numbers.get(id);
    if (stage !== undefined) return stage;
    const near = nearest(id, [...numbers.keys()]);
    throw new InputError(
      `the run has no stage "${id}"${near === undefined ? '' : `; did you mean "${near}"?`}`,
      {
        remedy: known(stages),
      },
    );
  };
}

function known(stages: readonly StageInfo[]): string {
  return `Its stages are: ${stages.map(({ id }) => id).join(', ')}.`;
}
