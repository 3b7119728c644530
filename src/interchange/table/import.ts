import { basename } from 'node:path';
import { InputError, isId, type Message, type PublishedResults, trialKey } from '../../core/index.ts';
import { publishedTranscript } from '../../evals/published-trial.ts';
import type { TableFormat } from '../../files/index.ts';
import type { DeclaredMeasure } from '../declared-measure.ts';
import type { TableMapping } from './mapping.ts';
import type { DeclaredReplicates } from './replicates.ts';
import { type ResultRow, readRows } from './rows.ts';
import { sampleOfRow } from './sample.ts';
import { Survey } from './survey.ts';

export interface ImportTableOptions {
  readonly mapping?: TableMapping;
  /** What is declared of the table's measures. */
  readonly measures?: readonly DeclaredMeasure[];
  /** Stages in training order, a list a chain; without any, all stages are compared with each other. */
  readonly chains?: readonly (readonly string[])[];
  /** Stages of which the table has several training runs. */
  readonly replicates?: readonly DeclaredReplicates[];
  /** By default, what the file's name ends in. */
  readonly format?: TableFormat;
}

/** The id of the eval that a table is imported as, where its mapping does not name one. */
const EVAL = 'imported';

/**
 * Reads a table of results, a row a rating (or several, where the mapping names measures): which stage, which sample, what
 * value; and, as far as the mapping or the columns say so, which cluster, epoch, measure and rater, the label, the prompt,
 * thoughts and response. docs/import.md describes the fields. The table is read once now, to check it, and once more when
 * its trials are asked for.
 *
 * A value that is empty (or `NA`, `NaN`, `null`, …) was not measured: it is kept as an unparsed rating, so that it is
 * counted as missing. A table with responses and no values becomes transcripts without ratings.
 *
 * @param path the file, or the folder of the mapping's sources
 * @throws InputError naming file and line: a column that is missing (with the nearest there is), a value that is not a
 *   number, two rows that say the same thing twice or contradict each other (naming both lines)
 */
export async function importTable(path: string, options: ImportTableOptions = {}): Promise<PublishedResults> {
  const mapping = options.mapping ?? { columns: {} };
  const evalId = mapping.eval ?? EVAL;
  if (!isId(evalId)) throw new InputError(`"${evalId}" can't be the id of an eval`);
  const name = basename(path);
  const survey = new Survey(path, name, mapping, { ...options, family: evalId });
  for await (const row of readRows(path, mapping, options.format)) survey.add(row);
  const info = survey.evalInfo(evalId);
  const chained =
    (options.chains ?? []).length > 0 || (mapping.stages ?? []).some(({ from }) => from !== undefined);
  return {
    name: mapping.name ?? name.replace(/\.[^.]+$/, ''),
    source: name,
    ...(mapping.citation === undefined ? {} : { citation: mapping.citation }),
    stages: survey.stages(),
    evals: [info],
    raters: survey.raters(),
    margins: survey.margins(info.measures),
    analysis: { contrasts: chained ? 'chain' : 'all' },
    notes: survey.notes(),
    trials: async function* () {
      for await (const row of readRows(path, mapping, options.format)) {
        const whole = survey.collect(row);
        if (whole !== null) yield readTrial(whole, survey, evalId);
      }
    },
  };
}

function readTrial(
  { first, ratings }: NonNullable<ReturnType<Survey['collect']>>,
  survey: Survey,
  evalId: string,
) {
  const trial = { stage: survey.stageId(first), eval: evalId, sample: first.sample, epoch: first.epoch };
  const key = trialKey(trial);
  return {
    transcript: publishedTranscript({ trial, sample: sampleOfRow(first), output: outputOf(first) }),
    ratings: ratings.map((rating) => ({ key, ...rating })),
  };
}

function outputOf({ response, thoughts }: ResultRow): readonly Message[] {
  if (response === null && thoughts === null) return [];
  return [{ role: 'assistant', content: response ?? '', ...(thoughts === null ? {} : { thoughts }) }];
}
