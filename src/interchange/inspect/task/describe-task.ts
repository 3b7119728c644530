import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { outputTail, pythonPackages } from '../../../checkpoints/index.ts';
import { digestOfText, InputError, type JsonObject, MissingPartError } from '../../../core/index.ts';
import { parsedJson } from '../../../core/parsed-json.ts';
import { readWholeFile } from '../../../files/index.ts';
import type { TaskOptions } from './options.ts';

/** The program that loads and runs tasks with the user's Python. */
export const RUN_TASK = fileURLToPath(new URL('./run_task.py', import.meta.url));

/** The packages that run_task.py needs, each with the oldest version that it was tried with. */
const OLDEST = { 'inspect-ai': '0.3.170', openai: '2.0' };

/** What a Python needs to run tasks. */
export function inspectPackages(): ReturnType<typeof pythonPackages> {
  return pythonPackages(OLDEST);
}

/** A scorer as it declares itself: metrics of a single value, or by key those of a dict of values. */
const scorerSchema = z.object({
  name: z.string(),
  full: z.string(),
  metrics: z.union([z.array(z.string()), z.record(z.string(), z.array(z.string()))]),
  params: z.string(),
});

const descriptionSchema = z.object({
  inspect: z.string(),
  task: z.string(),
  version: z.string(),
  package: z.string().nullable(),
  samples: z.array(z.custom<JsonObject>()),
  scorers: z.array(scorerSchema),
  solvers: z.array(z.string()),
  sandbox: z.boolean(),
});

export type TaskScorer = z.infer<typeof scorerSchema>;

/** What a task holds, as Inspect loads it. */
export interface TaskDescription extends z.infer<typeof descriptionSchema> {
  /** Digest of the task's file, where it is one. */
  readonly file: string | null;
}

/** A task with many large samples takes this long at most to be loaded. */
const LOADING_MS = 30 * 60_000;

/** The task as Inspect is to find it: a file by its whole path. */
export function taskSpec(task: string, folder: string): string {
  const { file, name } = partsOf(task);
  return file === null ? task : `${resolve(folder, file)}${name === null ? '' : `@${name}`}`;
}

function partsOf(task: string): { readonly file: string | null; readonly name: string | null } {
  const found = /^(?<file>.*\.(?:py|ipynb))(?:@(?<name>.+))?$/.exec(task)?.groups;
  return { file: found?.file ?? null, name: found?.name ?? null };
}

/**
 * Has Inspect load a task and tell what it holds: its samples, its scorers, its solvers. This runs the task's code: only for a
 * study that the user named.
 *
 * @param folder where the study is
 * @throws MissingPartError where there is no such Python, or it lacks a package; InputError with what the task raised
 */
export async function describeTask(options: TaskOptions, folder: string): Promise<TaskDescription> {
  const { python, task, args } = options;
  const { file } = partsOf(task);
  const digest = file === null ? null : await digestOfFile(resolve(folder, file));
  const work = await mkdtemp(join(tmpdir(), 'stemma-inspect-'));
  try {
    const [request, answer] = [join(work, 'request.json'), join(work, 'answer.json')];
    await writeFile(request, JSON.stringify({ task: taskSpec(task, folder), args }));
    await ask(python, ['describe', request, answer], { folder, task });
    const described = descriptionSchema.parse(parsedJson(await readFile(answer, 'utf8')));
    return { ...described, file: digest };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Ends an Inspect that an earlier stemma left at work, because it was killed together with what watches over its processes. So two
 * never write the logs of one stage.
 *
 * @param lock the file that such a process holds locked as long as it lives
 * @throws InputError where it cannot be ended
 */
export async function endEarlierTask(
  lock: string,
  {
    options: { python, task },
    folder,
    signal,
  }: { readonly options: TaskOptions; readonly folder: string; readonly signal: AbortSignal },
): Promise<void> {
  if (existsSync(lock)) await ask(python, ['end', lock], { folder, task, signal });
}

async function digestOfFile(file: string): Promise<string> {
  try {
    return digestOfText(readWholeFile(file));
  } catch (cause) {
    throw new InputError(`there is no task file ${file}`, {
      remedy: 'Paths start at the study file. An installed task is written as package/name.',
      cause,
    });
  }
}

async function ask(
  python: string,
  args: readonly string[],
  { folder, task, signal }: { readonly folder: string; readonly task: string; readonly signal?: AbortSignal },
): Promise<void> {
  const program = pythonOf(python, folder);
  try {
    await promisify(execFile)(program, [RUN_TASK, ...args], {
      cwd: folder,
      timeout: LOADING_MS,
      maxBuffer: 1 << 26,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    const { code, stderr = '' } = error as { readonly code?: unknown; readonly stderr?: string };
    if (code === 'ENOENT' || code === 'EACCES') {
      throw new MissingPartError(`there is no Python "${python}" to run the Inspect task ${task} with`, {
        remedy: 'Name one under options: python. `stemma doctor` says what is there.',
        cause: error,
      });
    }
    throw refusalOf(stderr, { program, task });
  }
}

/** A path is relative to the study; a bare name is looked for on the PATH. */
export function pythonOf(python: string, folder: string): string {
  return python.includes('/') ? resolve(folder, python) : python;
}

function refusalOf(
  stderr: string,
  { program, task }: { readonly program: string; readonly task: string },
): InputError | MissingPartError {
  const own = /^stemma: (?<what>.*)$/m.exec(stderr)?.groups?.what;
  if (own?.startsWith('no inspect_ai')) {
    return new MissingPartError(`the Python ${program} has no Inspect: ${own.slice(own.indexOf(':') + 2)}`, {
      remedy: `${program} -m pip install ${inspectPackages().packages.join(' ')}, or name another under options: python.`,
    });
  }
  if (own !== undefined) return new InputError(own);
  return new InputError(`Inspect cannot load the task ${task}:\n${outputTail(stderr)}`, {
    remedy:
      'The task is loaded as `inspect eval` loads it: a file as FILE.py@NAME, an installed one as package/name.',
  });
}
