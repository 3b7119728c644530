import { join } from 'node:path';
import { runStudy } from '../src/run/index.ts';
import { planStudy } from '../src/study/index.ts';
import { benchStudy } from './study.ts';

/* One measurement: a study that is finished is run again. reopen-study.ts BASE_URL STAGES PROMPTS FOLDER */
const [baseUrl = '', stages = '1', prompts = '0', folder = ''] = process.argv.slice(2);
const plan = await planStudy(
  await benchStudy({ folder, baseUrl, stages: Number(stages), prompts: Number(prompts) }),
);
const start = performance.now();
const summary = await runStudy(plan, { folder: join(folder, 'run') });
const wall = (performance.now() - start) / 1000;
if (!summary.complete || summary.trials.done !== 0)
  throw new Error(`something was left to do: ${summary.lines.join(' ')}`);
process.send!({ wall });
