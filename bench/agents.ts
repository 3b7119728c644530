import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isEmpty, leftoversOf } from '../test/leftovers.ts';
import { measured } from './child.ts';
import type { Bench } from './main.ts';
import { spread, whole } from './row.ts';
import type { AgentsMeasured } from './run-agents.ts';

/** Trials at once, and so many trials each time. */
const AT_ONCE: readonly (readonly [atOnce: number, trials: number])[] = [
  [1, 100],
  [8, 400],
  [64, 1000],
];
const LEAK_TRIALS = 2000;

/**
 * Whole trials of an agent: a sandbox is opened, a scripted model takes five turns in it (four commands, a file written and
 * read), the sandbox is closed. Then many more in one process, which must leave nothing behind.
 */
export const agents: Bench = async (options, tell) => {
  for (const [atOnce, trials] of AT_ONCE) {
    const runs: AgentsMeasured[] = [];
    for (let run = 0; run < options.runs; run++) {
      runs.push((await runAgents(atOnce, Math.max(atOnce, Math.round(trials * options.scale)))).result);
    }
    const rates = runs.map((run) => run.trials / run.wall);
    const sandbox = runs.flatMap(({ sandboxMemory }) => sandboxMemory ?? []);
    tell({
      what: `agent trials (5 turns, 6 tool calls) on ${runs[0]!.engine}, ${atOnce} at a time`,
      measured: [
        `${spread(rates, (rate) => rate.toFixed(1))} trials/s`,
        `${spread(
          runs.map(({ opening }) => opening * 1000),
          whole,
        )} ms to open a sandbox`,
        ...(sandbox.length === 0
          ? []
          : [`${spread(sandbox, (bytes) => (bytes / 1e6).toFixed(1))} MB a sandbox`]),
        `${spread(
          runs.map(({ peak }) => peak),
          whole,
        )} MB peak of stemma itself`,
      ].join(', '),
    });
  }
  await tellLeaks(Math.max(50, Math.round(LEAK_TRIALS * options.scale)), tell);
};

const tellLeaks = async (trials: number, tell: Parameters<Bench>[1]): Promise<void> => {
  const { result, left } = await runAgents(16, trials);
  const { descriptors, heap } = result;
  tell({
    what: `${whole(trials)} trials in one process, 16 at a time: what is left`,
    measured: [
      `${left} processes, mounts, control groups and files`,
      `${descriptors.after - descriptors.before} open files more than after the first ${whole(trials / 10)}`,
      `${((heap.after - heap.before) / 1e6).toFixed(1)} MB of heap more`,
    ].join('; '),
    aim: 'nothing',
  });
};

/** One measurement, and what its process has left on the machine. */
async function runAgents(atOnce: number, trials: number): Promise<{ result: AgentsMeasured; left: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'stemma-bench-'));
  try {
    const result = await measured<AgentsMeasured>('./run-agents.ts', [
      String(atOnce),
      String(trials),
      folder,
    ]);
    const left = leftoversOf([result.pid], folder);
    if (!isEmpty(left)) console.error(left);
    return { result, left: Object.values(left).flat().length };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
