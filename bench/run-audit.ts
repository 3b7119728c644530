import { join } from 'node:path';
import { runStudy } from '../src/run/index.ts';
import { planStudy } from '../src/study/index.ts';
import { auditStudy } from './audit-study.ts';
import { peakMemory } from './held.ts';

/*
 * One session of an audit, from its plan to its last record; goes on where an earlier one ended. Says how far it is as it
 * goes, for whoever wants to kill it. run-audit.ts FOLDER PROMPTS
 */
const [folder = '', prompts = '0'] = process.argv.slice(2);
const start = performance.now();
const seconds = () => (performance.now() - start) / 1000;
const plan = await planStudy(auditStudy(folder, Number(prompts)));
const planned = seconds();
let first: number | null = null;
let told = 0;
const summary = await runStudy(plan, {
  folder: join(folder, 'run'),
  onProgress: ({ total: { done } }) => {
    first ??= seconds() - planned;
    if (seconds() - told < 0.2) return;
    told = seconds();
    process.send!({ done, peak: peakMemory() });
  },
});
const { trials, ratings } = summary;
if (!summary.complete || trials.errors > 0 || ratings.error > 0) throw new Error(summary.lines.join(' '));
process.send!({
  end: {
    wall: seconds(),
    planned,
    first: first ?? 0,
    peak: peakMemory(),
    trials: plan.trials,
    done: trials.done,
    skipped: trials.skipped,
    ratings: ratings.rated + ratings.unparsed + ratings.refused,
  },
});
