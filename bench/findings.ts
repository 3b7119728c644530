import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importResults } from '../src/interchange/index.ts';
import { measured } from './child.ts';
import { largeResults } from './large-results.ts';
import type { Bench } from './main.ts';
import { median, seconds, spread, whole } from './row.ts';
import type { FindingsMeasured } from './run-findings.ts';

/** From the records of a large run on disk to its findings and every file of its report. */
export const findings: Bench = (options, tell) => measuredFindings(options, tell, '< 5 s');

/** The same of five times as many: 50,000 samples at five stages, 2.5 million ratings. */
export const largeFindings: Bench = (options, tell) =>
  measuredFindings({ ...options, scale: 5 * options.scale }, tell, 'findings < 10 s, < 600 MB');

async function measuredFindings(
  { runs, scale }: Parameters<Bench>[0],
  tell: Parameters<Bench>[1],
  aim: string,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'stemma-bench-'));
  try {
    const start = performance.now();
    const { trials, ratings } = await importResults(largeResults(scale), join(folder, 'run'));
    const imported = (performance.now() - start) / 1000;
    const times: FindingsMeasured[] = [];
    for (let run = 0; run < runs; run++)
      times.push(await measured('./run-findings.ts', [join(folder, 'run'), folder]));
    if (times.some(({ unestimated }) => unestimated > 0))
      throw new Error('a stage of the planted run came to no estimate');
    const total = times.map(({ made, written }) => made + written);
    const peak = `${Math.round(Math.max(...times.map((one) => one.peak)))} MB`;
    const parts = `findings ${seconds(median(times.map(({ made }) => made)))}, report ${seconds(median(times.map(({ written }) => written)))}`;
    tell({
      what: `${whole(trials)} trials and ${whole(ratings)} ratings imported`,
      measured: seconds(imported),
    });
    tell({
      what: `findings and report of ${whole(trials)} trials × ${ratings / trials} measures, with bootstrap intervals`,
      measured: `${spread(total, seconds)}: ${parts}, ${peak} at its peak, ${seconds(median(times.map(({ cpu }) => cpu)))} of CPU`,
      aim,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
