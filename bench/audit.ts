import { fork } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openRun } from '../src/records/index.ts';
import { writeLog } from './audit-study.ts';
import { measured } from './child.ts';
import type { Bench } from './main.ts';
import { seconds, whole } from './row.ts';
import type { FindingsMeasured } from './run-findings.ts';

const PROMPTS = 50_000;
const MEASURES = 26;

/** What a session of run-audit.ts says of itself. */
interface Session {
  readonly end: {
    readonly wall: number;
    readonly planned: number;
    readonly first: number;
    readonly peak: number;
    readonly trials: number;
    readonly done: number;
    readonly skipped: number;
  } | null;
  readonly wall: number;
  readonly peak: number;
}

/**
 * A user-log audit with scripted stages and a scripted judge, from a log on disk to its report: killed with `kill -9` when a
 * third and when two thirds of its trials are done, and gone on with each time. Done once, whatever `--runs` says.
 */
export const audit: Bench = async ({ scale }, tell) => {
  const prompts = Math.max(100, Math.round(PROMPTS * scale));
  const trials = 3 * prompts;
  const folder = await mkdtemp(join(tmpdir(), 'stemma-bench-'));
  try {
    await writeLog(folder, prompts);
    const sessions: Session[] = [];
    for (const killAt of [trials / 3, (2 * trials) / 3, null])
      sessions.push(await session(folder, prompts, killAt));
    const { end } = sessions.at(-1)!;
    if (end === null) throw new Error('the last session was to go to the end');
    const wall = sessions.reduce((sum, one) => sum + one.wall, 0);
    const peak = Math.max(...sessions.map((one) => one.peak));
    await checkWhole(folder, trials);
    const size = `${whole(prompts)} prompts × 3 stages × ${MEASURES} measures`;
    tell({
      what: `${size}, killed twice`,
      measured: `${seconds(wall)}, ${whole(trials / wall)} trials/s, peak ${whole(peak)} MB`,
    });
    tell({ what: 'of which drawing and planning, in each session', measured: seconds(end.planned) });
    tell({
      what: `gone on after the second kill -9, ${whole(end.skipped)} trials recorded`,
      measured: seconds(end.first),
    });
    tell({ what: 'on disk', measured: await disk(join(folder, 'run')) });
    const made = await measured<FindingsMeasured>('./run-findings.ts', [join(folder, 'run'), folder]);
    tell({
      what: `findings and report of ${whole(trials * MEASURES)} ratings`,
      measured: `${seconds(made.made)} + ${seconds(made.written)}, peak ${whole(made.peak)} MB`,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** @param killAt trials done at which it is killed; `null`: it goes to its end */
function session(folder: string, prompts: number, killAt: number | null): Promise<Session> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('./run-audit.ts', import.meta.url)), [folder, String(prompts)], {
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    let end: Session['end'] = null;
    let peak = 0;
    let killed = false;
    child.on('message', (message: { done: number; peak: number } | { end: NonNullable<Session['end']> }) => {
      if ('end' in message) end = message.end;
      else if (killAt !== null && message.done >= killAt) killed = child.kill('SIGKILL');
      peak = Math.max(peak, 'end' in message ? message.end.peak : message.peak);
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code !== 0 && !killed) reject(new Error(`run-audit.ts ended with ${code}`));
      else resolve({ end, wall: (performance.now() - start) / 1000, peak });
    });
  });
}

/** Every trial once, and every rating of it. */
async function checkWhole(folder: string, trials: number): Promise<void> {
  using reader = await openRun(join(folder, 'run'));
  let there = 0;
  for (const _ of reader.trials()) there++;
  let ratings = 0;
  for (const _ of reader.ratingRows()) ratings++;
  if (there !== trials || ratings !== trials * MEASURES) {
    throw new Error(`${there} trials and ${ratings} ratings are not those of ${trials} trials`);
  }
}

async function disk(run: string): Promise<string> {
  const parts: string[] = [];
  for (const name of ['transcripts', 'ratings', 'index.sqlite']) {
    const size = await bytesOf(join(run, name));
    parts.push(`${name} ${(size / 1e9).toPrecision(3)} GB`);
  }
  return parts.join(', ');
}

async function bytesOf(path: string): Promise<number> {
  const found = await stat(path);
  if (!found.isDirectory()) return found.size;
  const sizes = await Promise.all((await readdir(path)).map(async (name) => bytesOf(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}
