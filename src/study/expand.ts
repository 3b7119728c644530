import { replicateId } from '../core/replicate.ts';
import type { StageSettings } from './schema.ts';

type WrittenGrid = NonNullable<StageSettings['grid']>;
type Level = Exclude<WrittenGrid[string], readonly unknown[] | undefined>[string];

/** The parts of a written stage that decide which stages it becomes. */
interface WrittenStage {
  readonly id: string;
  readonly grid?: object | undefined;
  readonly replicates?: number | readonly unknown[] | undefined;
}

/** One combination of levels, with the name of each level by its factor. */
interface FactorCombination {
  readonly suffix: string;
  readonly factors: Readonly<Record<string, string>>;
  readonly levels: readonly Level[];
}

/** One training run: its seed, or the checkpoint that came of it; neither where there is one run alone. */
interface GridRun {
  readonly seed?: number;
  readonly model?: NonNullable<StageSettings['model']>;
}

/**
 * The ids of the stages that a written stage becomes: itself; one for each combination of a grid's levels; and one for each
 * further run of its replicates.
 *
 * @example expandedIds({ id: 'rl', replicates: 3 }) // => ['rl', 'rl-run-2', 'rl-run-3']
 */
export function expandedIds(written: WrittenStage): string[] {
  const runs = runsOf(written);
  return combinations(written.grid as WrittenGrid | undefined).flatMap(({ suffix }) =>
    runs.map((_, index) => runId(`${written.id}${suffix}`, index)),
  );
}

/** The stages of a study with their parents, and with grids and replicates written out. */
export function expandStages(stages: readonly StageSettings[]): Omit<StageSettings, 'grid' | 'replicates'>[] {
  const counts = new Map<string, number>();
  let above: string | null = null;
  return stages.flatMap((stage) => {
    const { grid, replicates: _, ...plain } = stage;
    // What comes next is trained from the stage above as the file shows it: the first of a grid.
    const from = plain.from === undefined ? above : plain.from;
    above = expandedIds(stage)[0]!;
    const runs = runsOf(stage);
    return combinations(grid).flatMap(({ suffix, factors, levels }) => {
      const id = `${stage.id}${suffix}`;
      counts.set(id, runs.length);
      const arm = levels.reduce<StageSettings>(withLevel, {
        ...plain,
        id,
        from,
        ...(suffix === '' ? {} : { factors: { ...plain.factors, ...factors } }),
        ...(suffix === '' || plain.title === undefined
          ? {}
          : { title: [plain.title, ...Object.values(factors)].join(', ') }),
      });
      return runs.map((run, index) =>
        index === 0 ? { ...arm, ...run } : furtherRun(arm, run, { index, of: runs.length, counts }),
      );
    });
  });
}

function furtherRun(
  arm: StageSettings,
  run: GridRun,
  { index, of, counts }: { index: number; of: number; counts: ReadonlyMap<string, number> },
): StageSettings {
  const { from } = arm;
  const parent = from != null && counts.get(from) === of ? replicateId(from, index + 1) : from;
  return {
    ...arm,
    ...run,
    id: runId(arm.id, index),
    title: `${arm.title ?? arm.id}, run ${index + 1}`,
    ...(parent === undefined ? {} : { from: parent }),
    replicateOf: arm.id,
  };
}

function withLevel(stage: StageSettings, level: Level): StageSettings {
  const { change, ...others } = level;
  return {
    ...stage,
    ...others,
    ...(change === undefined ? {} : { change: { ...stage.change, ...change } }),
  } as StageSettings;
}

function runId(id: string, index: number): string {
  return index === 0 ? id : replicateId(id, index + 1);
}

function runsOf({ grid, replicates }: WrittenStage): GridRun[] {
  const given = (grid as WrittenGrid | undefined)?.seeds ?? replicates;
  if (given === undefined) return [{}];
  if (typeof given === 'number') return Array.from({ length: given }, (_, index) => ({ seed: index + 1 }));
  return given.map((one) =>
    typeof one === 'number' ? { seed: one } : { model: one as NonNullable<GridRun['model']> },
  );
}

function combinations(grid: WrittenGrid | undefined): FactorCombination[] {
  const begin: FactorCombination[] = [{ suffix: '', factors: {}, levels: [] }];
  return Object.entries(grid ?? {}).reduce<FactorCombination[]>((before, [factor, given]) => {
    if (factor === 'seeds' || given === undefined) return before;
    const levels: [string, Level][] = Array.isArray(given)
      ? given.map((stage) => [String(stage), { from: String(stage) }])
      : Object.entries(given as Readonly<Record<string, Level>>);
    return before.flatMap(({ suffix, factors, levels: chosen }) =>
      levels.map(([name, level]) => ({
        suffix: `${suffix}-${name}`,
        factors: { ...factors, [factor]: name },
        levels: [...chosen, level],
      })),
    );
  }, begin);
}
