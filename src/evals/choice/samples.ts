import { resolve } from 'node:path';
import { type EvalOptions, InputError, type Sample, type SourceReport } from '../../core/index.ts';
import { stratifiedSubsample } from '../refusals/subsample.ts';
import { builtinRows } from './builtin.ts';
import { type PlacedRow, sampleOf } from './choice-row.ts';
import { fileRows } from './layouts.ts';
import { type ChoiceOptions, readOptions } from './options.ts';
import { refusalRows, USUAL_BEGINNINGS } from './refusal-rows.ts';

/**
 * The samples that the options ask for, one a question, in the order of their file.
 *
 * @throws InputError for options that do not fit, a file that can't be read, an id of two questions, or no question at all
 */
export async function* choiceSamples(given: EvalOptions): AsyncGenerator<Sample> {
  const options = readOptions(given);
  const { rows, file } = await readRows(options, given.folder);
  for (const { row, line } of limited(rows, options)) {
    try {
      yield sampleOf(row, options);
    } catch (error) {
      if (!(error instanceof InputError) || file === undefined) throw error;
      const { message, remedy } = error;
      throw new InputError(message, { place: { file, line }, ...(remedy === undefined ? {} : { remedy }) });
    }
  }
}

/** How many questions were read, how many were there before, and how many are put. */
export async function choiceReport(given: EvalOptions): Promise<SourceReport> {
  const options = readOptions(given);
  const { rows, read } = await readRows(options, given.folder);
  const put = limited(rows, options).length;
  return { questions: { read, repeated: read - rows.length, put } };
}

interface ReadRows {
  /** Each question once. */
  readonly rows: readonly PlacedRow[];
  readonly read: number;
  /** `undefined` for the built-in set. */
  readonly file: string | undefined;
}

async function readRows(options: ChoiceOptions, folder: string): Promise<ReadRows> {
  const { path, behaviours, refusals, beginnings = USUAL_BEGINNINGS } = options;
  const file = path === undefined ? undefined : resolve(folder, path);
  const builtin = () =>
    refusals === undefined ? builtinRows(behaviours) : refusalRows(refusals, beginnings);
  const read = file === undefined ? builtin() : await Array.fromAsync(fileRows(file, options));
  if (read.length === 0) throw new InputError('the file has no questions', { place: { file: file! } });
  return { rows: eachOnce(read, file), read: read.length, file };
}

function limited(rows: readonly PlacedRow[], { limit, seed }: ChoiceOptions): readonly PlacedRow[] {
  return stratifiedSubsample(rows, limit ?? rows.length, ({ row }) => row.cluster, seed);
}

/** Published files hold some questions twice. @throws InputError where two questions have one id */
function eachOnce(rows: readonly PlacedRow[], file: string | undefined): PlacedRow[] {
  const first = new Map<string, PlacedRow>();
  for (const placed of rows) {
    const before = first.get(placed.row.id);
    if (before === undefined) first.set(placed.row.id, placed);
    else if (JSON.stringify(before.row) !== JSON.stringify(placed.row)) {
      throw new InputError(
        `the id "${placed.row.id}" is in line ${before.line} already, with another question`,
        {
          place: { ...(file === undefined ? {} : { file }), line: placed.line },
          remedy: 'Give each question an id of its own.',
        },
      );
    }
  }
  return [...first.values()];
}
