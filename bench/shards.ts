import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measured } from './child.ts';
import { startLoopback } from './loopback.ts';
import type { Bench } from './main.ts';
import { promptTable } from './prompts.ts';
import { seconds, whole } from './row.ts';
import type { FindingsMeasured } from './run-findings.ts';
import type { ShardMeasured } from './run-shard.ts';

const SHARDS = 8;
const STAGES = 2;
const TRIALS = 1_000_000;
/** Each size is a part of the largest: the law is how the cost of a trial changes between them. */
const SIZES = [0.01, 0.1, 1];

interface Divided {
  readonly trials: number;
  /** CPU seconds of all workers: until their plans were there, and from there to the end. */
  readonly start: number;
  readonly run: number;
}

/**
 * Runs eight parts at once, each in its own process, against one loopback server. Then one more process makes the findings.
 * The workers share the processors with the server, so what is compared between sizes is their processor time.
 */
export const shards: Bench = async ({ scale }, tell) => {
  const done: Divided[] = [];
  for (const size of SIZES) {
    const prompts = Math.max(10 * SHARDS, Math.round((TRIALS * scale * size) / STAGES));
    const folder = await mkdtemp(join(tmpdir(), 'stemma-bench-'));
    try {
      done.push(await divided(folder, prompts, tell));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  for (const [index, each] of done.entries()) {
    const before = done[index - 1] ?? { trials: 0, start: 0, run: 0 };
    const more = each.trials - before.trials;
    const perTrial = (part: number) => `${((1000 * part) / more).toFixed(3)} ms`;
    tell({
      what: `CPU of the workers for each trial more, from ${whole(before.trials)} to ${whole(each.trials)} trials`,
      measured: `${perTrial(each.run - before.run)}, and ${perTrial(each.start - before.start)} to plan`,
    });
  }
};

/** The first part alone of runs of all sizes: what one worker costs, where the processors do not allow for eight. */
export const oneShard: Bench = async ({ scale }, tell) => {
  for (const size of SIZES) {
    const prompts = Math.max(10 * SHARDS, Math.round((TRIALS * scale * size) / STAGES));
    const folder = await mkdtemp(join(tmpdir(), 'stemma-bench-'));
    try {
      await writeFile(join(folder, 'prompts.csv'), promptTable(prompts));
      await using server = await startLoopback();
      const args = [server.baseUrl, String(STAGES), String(prompts), folder, `1/${SHARDS}`];
      const { trials, start, run, peak } = await measured<ShardMeasured>('./run-shard.ts', args);
      const perTrial = ((1000 * run) / trials).toFixed(3);
      tell({
        what: `one part of eight of ${whole(STAGES * prompts)} trials: ${whole(trials)} trials`,
        measured: `${perTrial} ms CPU a trial, ${seconds(start)} of CPU to plan, ${whole(peak)} MB`,
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
};

async function divided(folder: string, prompts: number, tell: Parameters<Bench>[1]): Promise<Divided> {
  await writeFile(join(folder, 'prompts.csv'), promptTable(prompts));
  const begun = performance.now();
  const parts = await (async () => {
    await using server = await startLoopback();
    const one = (_: unknown, k: number) =>
      measured<ShardMeasured>('./run-shard.ts', [
        server.baseUrl,
        String(STAGES),
        String(prompts),
        folder,
        `${k + 1}/${SHARDS}`,
      ]);
    return await Promise.all(Array.from({ length: SHARDS }, one));
  })();
  const wall = (performance.now() - begun) / 1000;
  const sum = (of: (part: ShardMeasured) => number) => parts.reduce((total, part) => total + of(part), 0);
  const [trials, start, run] = [
    sum((part) => part.trials),
    sum((part) => part.start),
    sum((part) => part.run),
  ];
  if (trials !== STAGES * prompts) throw new Error(`${trials} trials were done of ${STAGES * prompts}`);
  const peaks = parts.map(({ peak }) => peak);
  tell({
    what: `${whole(trials)} trials in ${SHARDS} parts`,
    measured:
      `${whole(trials / wall)} trials/s (${seconds(wall)}), ${((1000 * (start + run)) / trials).toFixed(3)} ms CPU a trial, ` +
      `${whole(Math.min(...peaks))}–${whole(Math.max(...peaks))} MB a worker`,
  });
  const records = join(folder, 'run');
  const { made, written, cpu, peak } = await measured<FindingsMeasured>('./run-findings.ts', [
    records,
    folder,
  ]);
  tell({
    what: `findings and report of ${whole(trials)} trials`,
    measured: `${seconds(made + written)}, ${seconds(cpu)} of CPU, ${whole(peak)} MB; on disk: ${await onDisk(records)}`,
  });
  return { trials, start, run };
}

async function onDisk(run: string): Promise<string> {
  const bytes = async (path: string): Promise<number> => {
    const found = await stat(path);
    if (!found.isDirectory()) return found.size;
    const sizes = await Promise.all((await readdir(path)).map((name) => bytes(join(path, name))));
    return sizes.reduce((total, size) => total + size, 0);
  };
  const sizes = ['transcripts', 'ratings', 'samples', 'index.sqlite'].map(
    async (name) => `${name} ${whole((await bytes(join(run, name))) / 1e6)} MB`,
  );
  return (await Promise.all(sizes)).join(', ');
}
