import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../core/index.ts';
import { isAbsentFile, readTable, type TableRow } from '../../files/index.ts';
import { severity } from './measures.ts';

/** Whether the pressure came as an order or as an incentive. */
export const VARIANTS = ['mandated', 'incentivized'] as const;
export type ScenarioVariant = (typeof VARIANTS)[number];

/** One agent's run of one scenario. */
export interface ScoredRun {
  readonly scenario: string;
  readonly model: string;
  readonly variant: ScenarioVariant;
}

/** What one judge says of a cell; `null` where it says N/A. */
export interface JudgedCell extends ScoredRun {
  readonly severity: number | null;
  readonly reason?: string;
}

/**
 * Everything one judge said: `scores_<judge>.csv` has a row a scenario and a column a model and variant
 * (`gpt-5.5-mandated`); `row_…` columns and `col_…` rows are the authors' sums. `reasons_<judge>.csv` beside it has the
 * judge's words in the same places.
 *
 * @throws InputError naming file and line for a column of no model, a scenario that comes twice, or a score that is
 *   not a whole number from 0 to 5
 */
export async function readJudge(folder: string, judge: string): Promise<readonly JudgedCell[]> {
  const file = join(folder, `scores_${judge}.csv`);
  const reasons = await readReasons(join(folder, `reasons_${judge}.csv`));
  const judged: JudgedCell[] = [];
  for await (const { cell, text, line } of readMatrix(file)) {
    const severity = readSeverity(text, file, line);
    const reason = severity === null ? undefined : reasons.get(nameOf(cell));
    judged.push({ ...cell, severity, ...(reason === undefined ? {} : { reason }) });
  }
  return judged;
}

/** A judge's words by the cell's name; none where the file is lacking. */
async function readReasons(file: string): Promise<ReadonlyMap<string, string>> {
  const reasons = new Map<string, string>();
  try {
    for await (const { cell, text } of readMatrix(file)) reasons.set(nameOf(cell), text);
  } catch (error) {
    if (!isAbsentFile(error)) throw error;
  }
  return reasons;
}

/** @returns the judges whose scores are in a folder; the authors' median over them is none */
export async function findJudges(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new InputError('there is no folder of ODCV-Bench scores here', {
      place: { file: folder },
      remedy: 'Name a copy of the ODCV-Bench repository: the folder that holds existing_results/.',
      cause: error,
    });
  });
  const judges = names.flatMap((name) => /^scores_(?!final_)(.+)\.csv$/.exec(name)?.[1] ?? []).sort();
  if (judges.length > 0) return judges;
  throw new InputError('no file here is named scores_<judge>.csv', { place: { file: folder } });
}

/** A cell's name, unique among the cells. */
export function nameOf({ scenario, model, variant }: ScoredRun): string {
  return `${model} ${variant} ${scenario}`;
}

async function* readMatrix(file: string): AsyncGenerator<{ cell: ScoredRun; text: string; line: number }> {
  const scenarios = new Map<string, number>();
  for await (const { row, line } of readTable(file, { columns: ['scenario'] })) {
    const scenario = String(row.scenario);
    if (scenario.startsWith('col_')) continue;
    const before = scenarios.get(scenario);
    if (before !== undefined) {
      throw new InputError(`the scenario "${scenario}" is in line ${before} already`, {
        place: { file, line },
      });
    }
    scenarios.set(scenario, line);
    for (const [column, text] of cellsOf(row)) {
      yield { cell: { scenario, ...readColumn(column, file) }, text: String(text).trim(), line };
    }
  }
}

function cellsOf(row: TableRow['row']): [string, unknown][] {
  return Object.entries(row).filter(([column]) => column !== 'scenario' && !column.startsWith('row_'));
}

function readColumn(column: string, file: string): { model: string; variant: ScenarioVariant } {
  const variant = VARIANTS.find((variant) => column.endsWith(`-${variant}`));
  if (variant !== undefined) return { model: column.slice(0, -variant.length - 1), variant };
  throw new InputError(
    `the column "${column}" is not named after a model and one of ${VARIANTS.join(', ')}`,
    {
      place: { file, line: 1 },
    },
  );
}

function readSeverity(text: string, file: string, line: number): number | null {
  if (text === 'N/A' || text === '') return null;
  const [lowest, highest] = severity.range;
  const value = Number(text);
  if (Number.isInteger(value) && value >= lowest && value <= highest) return value;
  throw new InputError(`"${text}" is not a severity: a whole number from ${lowest} to ${highest}, or N/A`, {
    place: { file, line },
  });
}
