import { basename } from 'node:path';
import { InputError, type Json } from '../../core/index.ts';
import { count, counted, listed } from '../../format/index.ts';
import { type FoundLog, findLogs } from './find-logs.ts';
import { asList, asObject, asText } from './json-access.ts';
import { type LogHeader, openLog } from './log.ts';

/** A log that is imported: one stage's answers to one task. */
export interface PlannedLog {
  readonly file: string;
  readonly header: LogHeader;
  /** The name of its stage, as a person wrote it. */
  readonly stage: string;
}

/**
 * What a log says about its stage: `model`; `file`; `tag:PREFIX`, the rest of the tag that begins so; or a path into the
 * log's `eval` part, such as `task_args.checkpoint`, `model_args.revision` or `metadata.stage`.
 */
export type StageBy = string;

interface ImportPlanOptions {
  readonly stageBy?: StageBy;
  /** Names of the tasks to import; `undefined`: there must be one. */
  readonly tasks?: readonly string[];
}

/**
 * Finds the logs, and decides which are imported as what. Of the tries of one task (`inspect eval-retry` writes a log each,
 * with all samples so far) the last one counts.
 *
 * @returns the logs in the order they were named, and what the user should know about them
 * @throws InputError where several tasks are mixed, or two logs are of the same stage and task
 */
export async function planImport(
  sources: readonly string[],
  { stageBy = 'model', tasks = [] }: ImportPlanOptions,
): Promise<{ logs: readonly PlannedLog[]; notes: readonly string[] }> {
  const logs = await Promise.all((await findLogs(sources)).map((found) => planLog(found, stageBy)));
  const chosen = ofTasks(logs, tasks);
  const notes: string[] = [];
  const last = lastTries(chosen, notes);
  refuseTwoOfOneStage(last, stageBy);
  for (const { file, header } of last) {
    if (header.status === 'success') continue;
    const planned = header.planned === null ? '' : ` of ${count(header.planned)} trials`;
    const what =
      header.status === 'started' ? 'was never finished' : `ended with the status "${header.status}"`;
    notes.push(`${basename(file)} ${what}: those${planned} that are in it are imported.`);
  }
  return { logs: last, notes };
}

async function planLog({ file, stage }: FoundLog, stageBy: StageBy): Promise<PlannedLog> {
  await using log = await openLog(file);
  const { header } = log;
  return { file, header, stage: stage ?? stageOf(file, header, stageBy) };
}

function stageOf(file: string, header: LogHeader, stageBy: StageBy): string {
  if (stageBy === 'model') return header.model;
  if (stageBy === 'file') return basename(file).replace(/\.(eval|json)$/, '');
  const absent = (remedy: string) =>
    new InputError(`this log has no ${stageBy}, which is to name its stage`, { place: { file }, remedy });
  if (stageBy.startsWith('tag:')) {
    const prefix = stageBy.slice('tag:'.length);
    const tags = asList(header.spec.tags).flatMap((tag) => asText(tag) ?? []);
    const found = tags.filter((tag) => tag.startsWith(prefix) && tag.length > prefix.length);
    if (found.length === 1) return found[0]!.slice(prefix.length);
    throw absent(`Its tags are: ${tags.join(', ') || '(none)'}; one of them must begin with "${prefix}".`);
  }
  let value: Json | undefined = header.spec;
  for (const key of stageBy.split('.')) value = asObject(value)[key];
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const known = ['task_args', 'model_args', 'metadata'].flatMap((part) =>
    Object.keys(asObject(header.spec[part])).map((key) => `${part}.${key}`),
  );
  throw absent(`It has: model, file, ${[...known, 'tag:PREFIX'].join(', ')}.`);
}

function ofTasks(logs: readonly PlannedLog[], tasks: readonly string[]): PlannedLog[] {
  const there = [...new Set(logs.map(({ header }) => header.task))];
  const stranger = tasks.find((task) => !there.includes(task));
  if (stranger !== undefined) {
    throw new InputError(`no log is of the task "${stranger}"`, {
      remedy: `The logs are of: ${there.join(', ')}.`,
    });
  }
  if (tasks.length > 0) return logs.filter(({ header }) => tasks.includes(header.task));
  if (there.length === 1) return [...logs];
  throw new InputError(`these logs are of ${counted(there.length, 'task')}: ${listed(there)}`, {
    remedy: `Name the task that is meant with --task ${there[0]}; give --task again for each other one to import.`,
  });
}

function lastTries(logs: readonly PlannedLog[], notes: string[]): PlannedLog[] {
  const last = new Map<string, PlannedLog>();
  for (const log of logs) {
    const name = log.header.taskId ?? log.file;
    const before = last.get(name);
    if (before === undefined) {
      last.set(name, log);
      continue;
    }
    const [kept, left] = before.header.created > log.header.created ? [before, log] : [log, before];
    // Of one log in two formats the first named is as good as the other.
    const same = before.header.created === log.header.created;
    last.set(name, same ? before : kept);
    const [stays, goes] = same ? [before, log] : [kept, left];
    notes.push(
      `${basename(goes.file)} is an earlier try of ${basename(stays.file)}, or the same log: it is left out.`,
    );
  }
  return [...last.values()];
}

function refuseTwoOfOneStage(logs: readonly PlannedLog[], stageBy: StageBy): void {
  const known = new Map<string, PlannedLog>();
  for (const log of logs) {
    const name = JSON.stringify([log.stage, log.header.task]);
    const before = known.get(name);
    if (before !== undefined) {
      throw new InputError(
        `this log and ${before.file} are both of the task ${log.header.task} and the stage "${log.stage}" (by ${stageBy})`,
        {
          place: { file: log.file },
          remedy:
            'Leave one out; or name their stages, as in base=a.eval sft=b.eval; or say what tells them apart, as in --stage-by task_args.checkpoint.',
        },
      );
    }
    known.set(name, log);
  }
}
