import { basename } from 'node:path';
import { type Message, type PublishedResults, trialKey } from '../../core/index.ts';
import { publishedTranscript } from '../../evals/published-trial.ts';
import type { TableFormat } from '../../files/index.ts';
import type { DeclaredMeasure } from '../declared-measure.ts';
import type { TableMapping } from './mapping.ts';
import type { DeclaredReplicates } from './replicates.ts';
import { type ResultRow, readRows } from './rows.ts';
import { sampleOfRow } from './sample.ts';
import { Survey } from './survey.ts';

export interface ImportTableOptions extends Partial<TableMapping> {
  /** What is declared of the table's measures. */
  readonly measures?: readonly DeclaredMeasure[];
  /** Stages in training order, a list a chain; without any, all stages are compared with each other. */
  readonly chains?: readonly (readonly string[])[];
  /** Stages of which the table has several training runs. */
  readonly replicates?: readonly DeclaredReplicates[];
  /** By default, what the file's name ends in. */
  readonly format?: TableFormat;
}

/** The id of the eval that a table is imported as. */
const EVAL = 'imported';

/**
 * Reads a table of results, a row a rating: which stage, which sample, what value; and, as far as there are columns for
 * it, which cluster, epoch, measure and rater, the label, the prompt, thoughts and response. docs/import.md describes the
 * fields. The file is read once now, to check it, and once more when its trials are asked for.
 *
 * A value that is empty (or `NA`, `NaN`, `null`, …) was not measured: it is kept as an unparsed rating, so that it is
 * counted as missing.
 *
 * @throws InputError naming file and line: a column that is missing (with the nearest there is), a value that is no
 *   number, two rows that say the same thing twice or contradict each other (naming both lines)
 */
export async function importTable(path: string, options: ImportTableOptions = {}): Promise<PublishedResults> {
  const mapping: TableMapping = { columns: {}, ...options };
  const name = basename(path);
  const survey = new Survey(path, name, mapping, options);
  for await (const row of readRows(path, mapping, options.format)) survey.add(row);
  const info = survey.evalInfo(EVAL);
  return {
    name: name.replace(/\.[^.]+$/, ''),
    source: name,
    stages: survey.stages(),
    evals: [info],
    raters: survey.raters(),
    margins: survey.margins(info.measures),
    analysis: { contrasts: (options.chains ?? []).length > 0 ? 'chain' : 'all' },
    trials: async function* () {
      for await (const row of readRows(path, mapping, options.format)) {
        if (survey.trial(row).row === row.number) yield readTrial(row, survey);
      }
    },
  };
}

/** The trial that begins with this row. */
function readTrial(row: ResultRow, survey: Survey) {
  const trial = { stage: survey.stageId(row), eval: EVAL, sample: row.sample, epoch: row.epoch };
  const key = trialKey(trial);
  return {
    transcript: publishedTranscript({ trial, sample: sampleOfRow(row), output: outputOf(row) }),
    ratings: survey.trial(row).ratings.map(({ rating }) => ({ key, ...rating })),
  };
}

function outputOf({ response, thoughts }: ResultRow): readonly Message[] {
  if (response === null && thoughts === null) return [];
  return [{ role: 'assistant', content: response ?? '', ...(thoughts === null ? {} : { thoughts }) }];
}
