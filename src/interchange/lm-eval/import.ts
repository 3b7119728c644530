import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { InputError, type Json, type PublishedResults } from '../../core/index.ts';
import { readTable } from '../../files/index.ts';
import { listed } from '../../format/index.ts';
import type { DeclaredTraining } from '../chain.ts';
import { cellOf } from '../table/field.ts';
import { type ImportTableOptions, importTable } from '../table/import.ts';
import type { TableMapping } from '../table/mapping.ts';

interface LmEvalOptions extends Pick<ImportTableOptions, 'measures'>, DeclaredTraining {
  /** The task to import; by default the files must be of one. */
  readonly task?: string;
}

/** What `--predict_only` has in place of metrics. */
const PREDICTED_ONLY = 'bypass';

/** `samples_TASK_2024-01-31T12-00-00.123456.jsonl`. */
const SAMPLES = /^samples_(.+)_(\d{4}-\d\d-\d\dT[\d.-]+)\.jsonl$/;

/**
 * Reads what EleutherAI's lm-evaluation-harness writes with `--log_samples`: `MODEL/samples_TASK_TIME.jsonl`. A model (its folder) is a
 * stage, a filter is a rater, and each metric that is a number is a measure. Of several files of one model and task the latest counts.
 * Samples without a metric (`--predict_only`) become transcripts without ratings. The document is kept as the sample's metadata.
 *
 * @param folder holds the models' folders, or is one of them
 * @throws InputError where there is no such file, or files of several tasks and none is named
 */
export async function importLmEval(
  folder: string,
  { task, stages = [], ...options }: LmEvalOptions,
): Promise<PublishedResults> {
  const { name, files } = filesOf(folder, task);
  const { metrics, others } = await metricsOf(files);
  const mapping = await mappingOf(name, folder, files, metrics);
  const results = await importTable(folder, { ...options, mapping: { ...mapping, stages }, format: 'jsonl' });
  const left = `${listed(others)} ${others.length === 1 ? 'is not a number and is' : 'are not numbers and are'} left out.`;
  const repeats = repeatsIn(await firstRow(files[0]!));
  const first = `The model answered each sample ${repeats} times: the first response is kept, and the values are what lm-eval made of all.`;
  const notes = [...(others.length === 0 ? [] : [left]), ...(repeats > 1 ? [first] : [])];
  return { ...results, notes: [...notes, ...(results.notes ?? [])] };
}

function filesOf(folder: string, wanted: string | undefined): { name: string; files: readonly string[] } {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InputError('this must be the folder that lm-eval wrote its results into', {
      place: { file: folder },
    });
  }
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((path) => {
    const [, task, time] = SAMPLES.exec(basename(path)) ?? [];
    return task === undefined ? [] : [{ task, time: time!, path: join(folder, path) }];
  });
  const tasks = [...new Set(found.map(({ task }) => task))].sort();
  const task = wanted ?? (tasks.length === 1 ? tasks[0] : undefined);
  if (task === undefined || !tasks.includes(task)) {
    throw new InputError(
      tasks.length === 0
        ? 'there is no samples_TASK_TIME.jsonl below this folder'
        : `there are samples of ${listed(tasks)} below this folder`,
      {
        place: { file: folder },
        remedy: tasks.length === 0 ? 'Run lm-eval with --log_samples.' : `Name one: --task ${tasks[0]}`,
      },
    );
  }
  const latest = new Map<string, { time: string; path: string }>();
  for (const { task: its, time, path } of found) {
    const known = latest.get(dirname(path));
    if (its === task && (known === undefined || known.time < time)) latest.set(dirname(path), { time, path });
  }
  return { name: task, files: [...latest.values()].map(({ path }) => path).sort() };
}

async function mappingOf(
  task: string,
  folder: string,
  files: readonly string[],
  metrics: readonly string[],
): Promise<TableMapping> {
  const row = await firstRow(files[0]!);
  const generated = ['resps.0.0', 'filtered_resps.0'].find((path) => typeof cellOf(row, path) === 'string');
  if (metrics.length === 0 && generated === undefined) {
    throw new InputError('no metric of these samples is a number, and they hold no text', {
      place: { file: files[0]!, line: 1 },
    });
  }
  const prompt = ['arguments.gen_args_0.arg_0', 'arguments.0.0'].find(
    (path) => cellOf(row, path) !== undefined,
  );
  return {
    name: task,
    eval: task.replaceAll(/[^\p{L}\p{N}._+-]+/gu, '-'),
    columns: {
      sample: 'doc_id',
      rater: 'filter',
      // What the model wrote, whatever a filter made of it.
      response: generated ?? 'filtered_resps.0',
      ...(prompt === undefined ? {} : { prompt }),
    },
    ...(cellOf(row, 'doc') === undefined ? {} : { metadata: { doc: 'doc' } }),
    ...(metrics.length === 0 ? {} : { measures: metrics.map((name) => ({ name, fields: { value: name } })) }),
    sources: files.map((path) => ({
      file: relative(folder, path),
      fields: { stage: { value: basename(dirname(path)) } },
    })),
  };
}

/** How often a task asked for an answer (its `repeats`); one response to each choice of a multiple-choice task is not that. */
function repeatsIn(row: Readonly<Record<string, Json>>): number {
  const [responses] = Array.isArray(row.resps) ? row.resps : [];
  return Array.isArray(responses) && responses.every((text) => typeof text === 'string')
    ? responses.length
    : 1;
}

/** The metrics of the samples by their first values that are not missing: those that are numbers, and all others. */
async function metricsOf(
  files: readonly string[],
): Promise<{ metrics: readonly string[]; others: readonly string[] }> {
  const isNumber = new Map<string, boolean | null>();
  for (const file of files) {
    for await (const { row } of readTable(file, { format: 'jsonl' })) {
      for (const metric of Array.isArray(row.metrics) ? row.metrics : []) {
        if (typeof metric !== 'string' || metric === PREDICTED_ONLY) continue;
        const value = row[metric] ?? null;
        isNumber.set(metric, isNumber.get(metric) ?? (value === null ? null : isValue(value)));
      }
      if (![...isNumber.values()].includes(null)) break;
    }
  }
  const named = (wanted: boolean) => [...isNumber].flatMap(([name, is]) => (is === wanted ? [name] : []));
  return { metrics: named(true), others: named(false) };
}

async function firstRow(file: string): Promise<Readonly<Record<string, Json>>> {
  for await (const { row } of readTable(file, { format: 'jsonl' })) return row;
  throw new InputError('this file holds no samples', { place: { file } });
}

function isValue(value: Json | undefined): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}
