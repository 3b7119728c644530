import { basename, dirname, resolve } from 'node:path';
import { InputError, isId, type Message, type PublishedResults } from '../../core/index.ts';
import { publishedTranscript } from '../../evals/published-trial.ts';
import { listed } from '../../format/index.ts';
import { type DeclaredTraining, saysParents } from '../chain.ts';
import type { DeclaredMeasure } from '../declared-measure.ts';
import type { TableMapping } from './mapping.ts';
import type { DeclaredReplicates } from './replicates.ts';
import { type ResultRow, readRows } from './rows.ts';
import { sampleOfRow } from './sample.ts';
import { isFolder, type SourcesOptions, sourcesOf, type TableFile } from './sources.ts';
import { type CollectedTrial, Survey } from './survey.ts';

export interface ImportTableOptions extends Omit<DeclaredTraining, 'stages'>, SourcesOptions {
  readonly mapping?: TableMapping;
  /** What is declared of the table's measures. */
  readonly measures?: readonly DeclaredMeasure[];
  /** Stages of which the table has several training runs. */
  readonly replicates?: readonly DeclaredReplicates[];
  /** Is told how many results were read so far, in the first of the two readings. */
  readonly onRead?: (results: number) => void;
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
 * @param paths the file, or several that are one table, as `sourcesOf` takes them
 * @throws InputError naming file and line: a column that is missing (with the nearest there is), a value that is not a
 *   number, two rows that say the same thing twice or contradict each other (naming both lines)
 */
export async function importTable(
  paths: string | readonly string[],
  options: ImportTableOptions = {},
): Promise<PublishedResults> {
  const mapping = options.mapping ?? { columns: {} };
  const evalId = mapping.eval ?? EVAL;
  if (!isId(evalId)) throw new InputError(`"${evalId}" can't be the id of an eval`);
  const all = typeof paths === 'string' ? [paths] : paths;
  const sources = await sourcesOf(all, mapping, options);
  const { name, source, file } = calledBy(all, sources);
  const training = { ...options, stages: mapping.stages ?? [] };
  const survey = new Survey(file, source, mapping, { ...options, family: evalId, training });
  let read = 0;
  for await (const rows of readRows(sources, mapping, options.format)) {
    for (const row of rows) {
      survey.add(row);
      read++;
    }
    options.onRead?.(read);
  }
  const info = survey.evalInfo(evalId);
  return {
    name: mapping.name ?? name,
    source,
    ...(mapping.citation === undefined ? {} : { citation: mapping.citation }),
    stages: survey.stages(),
    evals: [info],
    raters: survey.raters(),
    margins: survey.margins(info.measures),
    analysis: { contrasts: saysParents(training) ? 'chain' : 'all' },
    notes: [...new Set(sources.flatMap(({ dataSet }) => dataSet?.notes ?? [])), ...survey.notes()],
    trials: async function* () {
      for await (const rows of readRows(sources, mapping, options.format))
        for (const row of rows) {
          const whole = survey.collect(row);
          if (whole !== null) yield publishedTrial(whole);
        }
    },
  };
}

/**
 * How the table is called: by its file, or by its folder; several files that were named, by all their names. A data set of the hub is
 * called by its name, and as a source by its commit too.
 */
function calledBy(paths: readonly string[], sources: readonly TableFile[]) {
  const { file } = sources[0]!;
  const dataSet = sources.find((source) => source.dataSet !== undefined)?.dataSet;
  if (dataSet !== undefined) return { name: basename(dataSet.repo), source: sourceNames(sources), file };
  if (sources.length === 1)
    return { name: basename(file).replace(/\.[^.]+$/, ''), source: basename(file), file };
  const [only, ...more] = paths;
  const folder = more.length === 0 && isFolder(only!) ? only! : dirname(file);
  const name = basename(resolve(folder));
  if (more.length === 0) return { name, source: name, file: folder };
  return { name, source: sourceNames(sources), file };
}

/** Files by their names, and each data set once. */
function sourceNames(sources: readonly TableFile[]): string {
  const dataSets = new Set<string>();
  const names = sources.flatMap(({ file, dataSet }) => {
    if (dataSet === undefined) return [basename(file)];
    if (dataSets.has(dataSet.source)) return [];
    dataSets.add(dataSet.source);
    return [dataSet.source];
  });
  return listed(names);
}

function publishedTrial({ trial, first, ratings }: CollectedTrial) {
  const transcript = publishedTranscript({ trial, sample: sampleOfRow(first), output: outputOf(first) });
  return { transcript, ratings };
}

function outputOf({ response, thoughts }: ResultRow): readonly Message[] {
  if (response === null && thoughts === null) return [];
  return [{ role: 'assistant', content: response ?? '', ...(thoughts === null ? {} : { thoughts }) }];
}
