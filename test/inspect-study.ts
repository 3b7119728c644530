import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { inspect } from '../src/interchange/inspect/testing/real-inspect.ts';
import { linesOf } from './refusals-study.ts';
import { type StemmaProcess, stemma } from './stemma-process.ts';

/** The file of Inspect tasks for tests. */
export const TASKS = fileURLToPath(
  new URL('../src/interchange/inspect/task/testing/tasks.py', import.meta.url),
);

/** A folder for a study and its run; closing it deletes it. */
export interface StudyFolder extends AsyncDisposable {
  readonly folder: string;
  readonly study: string;
  readonly run: string;
}

export async function studyFolder(): Promise<StudyFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'stemma-inspect-task-'));
  return {
    folder,
    study: join(folder, 'study.yaml'),
    run: join(folder, 'runs', 'task'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** An entry under `evals:` that is an Inspect task. @param more members beside the options */
export function taskEntry(task: string, options: object = {}, more: object = {}): object {
  return { id: 'numbers', eval: 'inspect', ...more, options: { task, python: inspect.python, ...options } };
}

/** The stages of `number-server.ts`. */
export const numberStages = (url: string) =>
  `  - { id: base, kind: sft, model: "${url}#base" }
  - { id: sft, kind: dpo, from: base, model: "${url}#sft" }`;

/** @param rest lines of the study beside its name, stages and evals */
export function writeTaskStudy(
  study: string,
  {
    stages,
    evals,
    rest,
  }: { readonly stages: string; readonly evals: readonly object[]; readonly rest: string },
): void {
  writeFileSync(
    study,
    `name: task
stages:
${stages}
evals: ${JSON.stringify(evals)}
raters: []
margins: { default: 0.2 }
${rest}
`,
  );
}

/** Ids of the processes whose arguments name something in the run folder: Inspect's, and what watches over it. */
export function processesOf(run: string): { readonly pid: number; readonly python: boolean }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const args = argumentsOf(pid);
      const works = args.some((argument) => argument.startsWith(run)) && args.includes('run');
      return works && !args.includes('--out') ? [{ pid: Number(pid), python: !args.includes('-e') }] : [];
    });
}

/** A process, told from a later one with the same id. */
export interface KnownProcess {
  readonly pid: number;
  readonly group: string;
  /** When it began, in ticks. */
  readonly began: string;
}

/** Whether a process is there and has not ended, whoever is to wait for it. */
export function isAtWork({ pid, began }: KnownProcess): boolean {
  return knownProcess(pid)?.began === began;
}

/** All processes of the group of one; itself among them. */
export function groupOf(pid: number): KnownProcess[] {
  const own = knownProcess(pid);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => knownProcess(Number(name)) ?? [])
    .filter(({ group }) => group === own?.group);
}

function argumentsOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** `null` for a process that is not there, or that has ended and is not waited for yet. */
export function knownProcess(pid: number): KnownProcess | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : { pid, group: fields[2]!, began: fields[19]! };
  } catch {
    return null;
  }
}

/** Waits for something while a command runs. @throws Error where the command ends before that */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  { ended, child }: StemmaProcess,
): Promise<void> {
  while (!(await isSo())) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${(await ended).stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Runs a study to its end. @returns what was said to the person who watches */
export async function runToItsEnd(study: string, run: string, ...more: readonly string[]): Promise<string> {
  const { code, stderr } = await stemma('run', study, '--out', run, ...more).ended;
  expect([code, stderr]).toEqual([0, expect.stringContaining('100%')]);
  return stderr;
}

/** The trials of a run, in words, by the key of the trial: the status and what each scorer gave. */
export async function outcomes(run: string): Promise<Record<string, string>> {
  const { transcripts, ratings } = await linesOf(run);
  return Object.fromEntries(
    transcripts
      .map(({ key, status }): [string, string] => {
        const own = ratings.filter((rating) => rating.key === key);
        const values = own.map(({ measure, rater, value }) => `${measure} by ${rater} ${value}`).sort();
        return [key, [status, ...values].join('; ')];
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
