import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runStudy } from '../src/run/index.ts';
import { planStudy } from '../src/study/index.ts';
import { peakMemory } from './held.ts';
import { benchStudy } from './study.ts';

/*
 * One measurement: a study from its plan to the last record on disk. run-study.ts BASE_URL STAGES PROMPTS [FOLDER]
 * With a folder, its records stay there.
 */
/** What the rule rates of a trial: whether it is a refusal, and whether it is an answer at all. */
const MEASURES = 2;
const [baseUrl = '', stages = '1', prompts = '0', given] = process.argv.slice(2);
const folder = given ?? (await mkdtemp(join(tmpdir(), 'stemma-bench-')));
try {
  const plan = await planStudy(
    await benchStudy({ folder, baseUrl, stages: Number(stages), prompts: Number(prompts) }),
  );
  // A run loads the HTTP client when it first needs it. That is a part of the start, and the trials are measured here.
  await Promise.all([
    import('../src/models/endpoint/endpoint.ts'),
    import('../src/models/endpoint/connections.ts'),
  ]);
  const before = process.cpuUsage();
  const start = performance.now();
  const summary = await runStudy(plan, { folder: join(folder, 'run') });
  const wall = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  const rated = MEASURES * plan.trials;
  if (!summary.complete || summary.ratings.rated !== rated || summary.trials.errors > 0) {
    throw new Error(`the run was not what it should be: ${summary.lines.join(' ')}`);
  }
  process.send!({ wall, cpu: (user + system) / 1e6, peak: peakMemory(), trials: plan.trials });
} finally {
  if (!given) await rm(folder, { recursive: true, force: true });
}
