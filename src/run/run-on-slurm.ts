import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { submitArray } from '../checkpoints/index.ts';
import { counted, listed } from '../format/index.ts';
import { isPlainFolder, openRun, shardOf } from '../records/index.ts';
import type { Plan } from '../study/index.ts';

interface ClusterOptions {
  /** The run folder, on a file system that the nodes share. */
  readonly folder: string;
  readonly workers: number;
  /** The command that does one part: with `--shard`, whose value is put behind it. */
  readonly command: readonly string[];
  readonly stop: AbortSignal;
  /** What is told while the array is at work, a line each. */
  readonly onNote: (line: string) => void;
  /** Between two looks, in milliseconds. */
  readonly everyMs?: number;
}

const EVERY_MS = 5_000;
/** So many times as long as a look at the run takes, there is none. */
const IDLE = 20;
/** A part that died is submitted again as long as parts get on. */
const MOST_ROUNDS = 5;

/**
 * Does the parts of a run by a job array of Slurm, and waits for them. Parts that ended and left trials undone are submitted
 * again, as long as some progress is made. What is then still missing is for a last pass over the whole run.
 *
 * @returns `false` where it was stopped
 * @throws InputError where Slurm does not take the array; MissingPartError where there is no Slurm
 */
export async function runOnSlurm(plan: Plan, options: ClusterOptions): Promise<boolean> {
  const { workers, onNote, stop } = options;
  let parts = Array.from({ length: workers }, (_, index) => index + 1);
  let before = -1;
  for (let round = 1; round <= MOST_ROUNDS && parts.length > 0; round++) {
    if (!(await oneArray(plan, parts, options))) return false;
    const { done, unfinished } = await undoneParts(plan, options);
    if (done <= before) break;
    before = done;
    parts = unfinished;
    if (parts.length > 0 && !stop.aborted)
      onNote(
        `${parts.length === 1 ? 'part' : 'parts'} ${listed(parts.map(String))} ended with trials undone`,
      );
  }
  return true;
}

async function oneArray(plan: Plan, parts: readonly number[], options: ClusterOptions): Promise<boolean> {
  const { folder, workers, command, stop, onNote, everyMs = EVERY_MS } = options;
  const array = await submitArray({
    folder: resolve(dirname(folder), 'workers', plan.study.name),
    name: `stemma-${plan.study.name}`,
    tasks: parts,
    command: [...command, '--shard', `$SLURM_ARRAY_TASK_ID/${workers}`],
    workingFolder: process.cwd(),
    slurm: plan.study.training.slurm,
  });
  onNote(`Slurm job ${array.job}: ${counted(parts.length, 'part')}`);
  let told = '';
  // To look at a large run takes a while: most of the time nothing is done here.
  for (let lost = 0, took = 0; ; ) {
    await delay(Math.max(everyMs, IDLE * took), undefined, { signal: stop }).catch(() => {});
    if (stop.aborted) {
      await array.cancel();
      return false;
    }
    const left = await array.left();
    if (left === null) {
      if (lost++ === 0) onNote('Slurm cannot be asked just now; it is asked again');
      continue;
    }
    lost = 0;
    const since = performance.now();
    const done = await countDone(folder);
    took = performance.now() - since;
    const line = `trials ${done} of ${plan.trials}; parts: ${left.running} running, ${left.waiting} waiting`;
    if (line !== told) onNote(line);
    told = line;
    if (left.running + left.waiting === 0) return true;
  }
}

async function countDone(folder: string): Promise<number> {
  if (!isPlainFolder(join(folder, 'transcripts'))) return 0;
  using reader = await openRun(folder);
  return reader.countTrials();
}

/** How many trials are recorded, and the parts that lack some. */
async function undoneParts(
  { evals, study, trials }: Plan,
  { folder, workers }: ClusterOptions,
): Promise<{ done: number; unfinished: number[] }> {
  if (!isPlainFolder(join(folder, 'transcripts'))) return { done: 0, unfinished: [] };
  using reader = await openRun(folder);
  const wanted = new Array<number>(workers + 1).fill(0);
  const found = new Array<number>(workers + 1).fill(0);
  for (const { entry } of evals) {
    await using samples = await reader.samples(entry.id);
    for (const id of samples.ids())
      wanted[shardOf(entry.id, id, workers)]! += entry.epochs * study.stages.length;
  }
  let done = 0;
  for (const { eval: name, sample } of reader.trials()) {
    found[shardOf(name, sample, workers)]!++;
    done++;
  }
  const unfinished =
    done >= trials ? [] : wanted.flatMap((count, part) => (found[part]! < count ? [part] : []));
  return { done, unfinished };
}
