import { join } from 'node:path';
import { parseShard, runStudy } from '../src/run/index.ts';
import { planStudy } from '../src/study/index.ts';
import { peakMemory } from './held.ts';
import { benchStudy } from './study.ts';

/** What one worker of a divided run took. */
export interface ShardMeasured {
  readonly trials: number;
  /** CPU seconds, of all threads, until the plan was there and from there to the end. */
  readonly start: number;
  readonly run: number;
  /** In MB. */
  readonly peak: number;
}

/* One part of a run, as one worker does it: run-shard.ts BASE_URL STAGES PROMPTS FOLDER K/N. The table of prompts is there. */
const [baseUrl = '', stages = '', prompts = '', folder = '', part = ''] = process.argv.slice(2);
const study = await benchStudy({
  folder,
  baseUrl,
  stages: Number(stages),
  prompts: Number(prompts),
  isWritten: true,
});
const plan = await planStudy(study);
const start = cpuSeconds();
const { complete, trials, lines } = await runStudy(plan, {
  folder: join(folder, 'run'),
  shard: parseShard(part),
});
if (!complete || trials.errors > 0)
  throw new Error(`part ${part} was not what it should be: ${lines.join(' ')}`);
process.send!({
  trials: trials.done,
  start,
  run: cpuSeconds() - start,
  peak: peakMemory(),
} satisfies ShardMeasured);

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
