import type { StageInfo } from '../core/index.ts';
import { FEWEST_REPLICATES } from '../core/replicate.ts';

/** Where the trials of a stage count: at which stage, by number, and as which of its training runs, counted from 0. */
interface RunPlace {
  readonly stage: number;
  readonly run: number;
}

/**
 * Stages that are training runs of one recipe (`replicateOf`) count as one, the first of them, where they are at least three.
 * Two runs say too little of how runs differ: then each is a stage of its own.
 *
 * @returns `places` by stage number, and `runs`, how many each stage has
 */
export function placesOfRuns(stages: readonly StageInfo[]): {
  readonly places: readonly RunPlace[];
  readonly runs: readonly number[];
} {
  const numbers = new Map(stages.map(({ id }, number) => [id, number]));
  const groups = Map.groupBy(stages.keys(), (number) => firstRun(stages, numbers, number));
  const places = [...stages.keys()].map((number): RunPlace => {
    const first = firstRun(stages, numbers, number);
    const group = groups.get(first)!;
    if (group.length < FEWEST_REPLICATES) return { stage: number, run: 0 };
    return {
      stage: first,
      run: number === first ? 0 : group.filter((one) => one !== first).indexOf(number) + 1,
    };
  });
  const runs = [...stages.keys()].map((number) => places.filter(({ stage }) => stage === number).length || 1);
  return { places, runs };
}

function firstRun(
  stages: readonly StageInfo[],
  numbers: ReadonlyMap<string, number>,
  number: number,
): number {
  const { replicateOf } = stages[number]!;
  const first = replicateOf === undefined ? undefined : numbers.get(replicateOf);
  return first === undefined || first === number ? number : first;
}
