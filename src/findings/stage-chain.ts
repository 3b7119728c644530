import { definedOnly } from '../core/defined-only.ts';
import { type Analysis, InputError, type Json, type StageInfo, type StageLineage } from '../core/index.ts';
import { pointsOnTheWay } from './curves.ts';
import type { FindingsStage, TrainingSummary } from './findings.ts';
import { notInRun } from './not-in-run.ts';
import { placesOfRuns } from './training-runs.ts';

/** Two stages, by their numbers in the manifest. */
export type StagePair = readonly [from: number, to: number];

/** How the stages of a run hang together, and which of them are compared. */
export interface StagePlan {
  /** The stages to report, by number, in order: those asked for, or all. */
  readonly shown: readonly number[];
  /**
   * Every path by `from` from a first stage to a last one, of the stages to report: the longest first, then by the ids of
   * their stages, so that the order of the stages in a study decides nothing. Empty where no stage was trained from another.
   */
  readonly chains: readonly (readonly number[])[];
  /** The second and the last stages of the whole chains, also when not all of them is reported. */
  readonly firstTrained: ReadonlySet<number>;
  readonly last: ReadonlySet<number>;
  readonly pairs: readonly StagePair[];
  /** A/A: stages with the arm that is the same checkpoint once more; these arms are nowhere else in the plan. */
  readonly again: readonly StagePair[];
}

/**
 * Which stages are compared. With `wanted`: all pairs of those. Else what the analysis says; there, `chain` is every
 * stage with the one it was trained from, the first of each chain with its last, the first trained one with the last, the
 * last ones with each other, and the stages that were trained from one stage with each other. Stages none of which was
 * trained from another are all compared with each other. Checkpoints on the way of one training are points of a curve: they are
 * compared only where they are asked for.
 *
 * @param wanted stage ids
 * @throws InputError for an id of no stage, or when only one is wanted
 */
export function planStages(
  stages: readonly StageInfo[],
  contrasts: Analysis['contrasts'],
  wanted?: readonly string[],
): StagePlan {
  const number = numberById(stages);
  const own = ownStages(stages);
  const onTheWay = pointsOnTheWay(stages, own);
  const compared = own.filter((stage) => !onTheWay.has(stage));
  const chains = chainsAmong(stages, compared);
  const ends = {
    firstTrained: new Set(chains.map((chain) => chain[1]!)),
    last: new Set(chains.map((chain) => chain.at(-1)!)),
  };
  if (wanted !== undefined) {
    const shown = [...new Set(wanted.map((id) => wholeStage(stages, number(id))))];
    if (shown.length < 2)
      throw new InputError('name at least two stages to compare', { remedy: known(stages) });
    const again = againOf(stages).filter(([stage]) => shown.includes(stage));
    return { ...ends, shown, chains: chainsAmong(stages, shown), pairs: allPairs(shown), again };
  }
  return {
    ...ends,
    shown: own,
    chains,
    pairs: pairsOf(stages, contrasts, chains, compared),
    again: againOf(stages),
  };
}

function againOf(stages: readonly StageInfo[]): StagePair[] {
  const number = numberById(stages);
  return stages.flatMap(({ again }, arm): StagePair[] => (again === undefined ? [] : [[number(again), arm]]));
}

/** Numbers of the stages that are neither an A/A arm nor another run of a stage. */
function ownStages(stages: readonly StageInfo[]): number[] {
  const { places } = placesOfRuns(stages);
  return stages.flatMap(({ again }, stage) =>
    again === undefined && places[stage]!.stage === stage ? [stage] : [],
  );
}

function pairsOf(
  stages: readonly StageInfo[],
  contrasts: Analysis['contrasts'],
  chains: StagePlan['chains'],
  compared: readonly number[],
): StagePair[] {
  const number = numberById(stages);
  if (typeof contrasts !== 'string') return contrasts.map(([from, to]) => [number(from), number(to)]);
  if (contrasts === 'all') return allPairs(ownStages(stages));
  if (chains.length === 0) return allPairs(compared);
  const edges = compared.flatMap((to): StagePair[] => {
    const from = parentAmong(stages, to, compared);
    return from === undefined ? [] : [[from, to]];
  });
  const ends = chains.flatMap((chain): StagePair[] => [
    [chain[0]!, chain.at(-1)!],
    [chain[1]!, chain.at(-1)!],
  ]);
  return distinct([...edges, ...ends, ...besideEachOther(stages, chains, compared)]);
}

/** The nearest of these stages that led to this one; training runs of one recipe are one stage. */
function parentAmong(
  stages: readonly StageInfo[],
  stage: number,
  among: readonly number[],
): number | undefined {
  return pathTo(stages, stage)
    .slice(0, -1)
    .findLast((one) => among.includes(one));
}

/**
 * Stages that are beside each other: those trained from one stage, and the last ones of all chains. The earlier of a pair
 * is the one whose chain comes first, so the sign of a difference does not depend on the order in the study.
 */
function besideEachOther(
  stages: readonly StageInfo[],
  chains: StagePlan['chains'],
  compared: readonly number[],
): StagePair[] {
  const inOrder = [...new Set(chains.flat())];
  const chained = new Set(inOrder);
  const alone = compared
    .filter((stage) => !chained.has(stage))
    .sort((a, b) => byText(stages[a]!.id, stages[b]!.id));
  const siblings = Map.groupBy(
    inOrder.filter((stage) => stages[stage]!.from !== null),
    (stage) => parentAmong(stages, stage, compared),
  );
  return [
    ...[...siblings.values()].flatMap(allPairs),
    ...allPairs([...chains.map((chain) => chain.at(-1)!), ...alone]),
  ];
}

/** @throws InputError for a stage that counts as a training run of another */
function wholeStage(stages: readonly StageInfo[], stage: number): number {
  const { stage: whole } = placesOfRuns(stages).places[stage]!;
  if (whole === stage) return stage;
  const [id, of] = [stages[stage]!.id, stages[whole]!.id];
  throw new InputError(`"${id}" is a training run of "${of}"`, {
    remedy: `Name "${of}": it is all its runs together.`,
  });
}

/** Every path from a first stage to a last one, of two stages or more; stages that are not among these are passed over. */
function chainsAmong(stages: readonly StageInfo[], among: readonly number[]): number[][] {
  const kept = new Set(among);
  const paths = among.map((stage) => pathTo(stages, stage).filter((one) => kept.has(one)));
  const passed = new Set(paths.flatMap((path) => path.slice(0, -1)));
  const idsOf = (path: readonly number[]) => path.map((stage) => stages[stage]!.id).join('\n');
  return paths
    .filter((path) => path.length > 1 && !passed.has(path.at(-1)!))
    .sort((a, b) => b.length - a.length || byText(idsOf(a), idsOf(b)));
}

/** The stages that led to this one, the first of them first, and itself; training runs of one recipe are one stage. */
function pathTo(stages: readonly StageInfo[], last: number): number[] {
  const number = numberById(stages);
  const { places } = placesOfRuns(stages);
  const path = [last];
  for (let { from } = stages[last]!; from !== null; from = stages[path[0]!]!.from) {
    const earlier = places[number(from)]!.stage;
    if (path.includes(earlier)) break;
    path.unshift(earlier);
  }
  return path;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** How the reported stages are described and drawn. */
export function describeStages(stages: readonly StageInfo[], plan: StagePlan): FindingsStage[] {
  return plan.shown.map((stage) => {
    const { id, title, kind, from, model, identity, factors, lineage } = stages[stage]!;
    return {
      ...{ id, title: title ?? id, kind, from, model, role: roleOf(stage, plan) },
      ...definedOnly({ weights: identity?.weights, factors, training: lineage && trainingOf(lineage) }),
    };
  });
}

function trainingOf({ recipe, sources }: StageLineage): TrainingSummary {
  const { engine, method, steps, seed } = recipe;
  const number = (value: Json | undefined) => (typeof value === 'number' ? value : null);
  return {
    engine: String(engine),
    method: typeof method === 'string' ? method : null,
    steps: number(steps),
    seed: number(seed),
    examples: Object.fromEntries(
      Object.entries(sources).map(([name, { drawn }]) => [name, number(drawn) ?? 0]),
    ),
  };
}

/** Where the first trained stage is also the last, it is shown as the first trained one. */
function roleOf(stage: number, { firstTrained, last }: StagePlan): FindingsStage['role'] {
  if (firstTrained.has(stage)) return 'first-trained';
  return last.has(stage) ? 'last' : 'other';
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
    throw notInRun('stage', id, [...numbers.keys()]);
  };
}

function known(stages: readonly StageInfo[]): string {
  return `Its stages are: ${stages.map(({ id }) => id).join(', ')}.`;
}
