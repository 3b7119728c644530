import { join } from 'node:path';
import { Command } from 'commander';
import { checkpointsFor, latestCheck, requirePrices, speedsOf } from '../../run/index.ts';
import { loadStudy, planJson, planStudy, renderPlan, timeEstimate } from '../../study/index.ts';
import { next, page, print, printJson } from '../output.ts';
import { stemma } from '../shell-words.ts';

export const plan = new Command('plan')
  .summary('trials, calls, tokens, cost and power of a study, before a cent is spent')
  .description(
    'Checks the study file and shows what running it would take: trials, model calls, tokens, cost, and the smallest ' +
      'margin that its samples and clusters could prove at 80 % power. Asks no model and needs no key.',
  )
  .argument(
    '<study>',
    'the study file: study.yaml, or a .ts/.mjs file whose default export is defineStudy(…)',
  )
  .option(
    '--out <run>',
    'the run folder, beside which checkpoints and answers of teachers are kept (default: runs/<name of the study>)',
  )
  .option('--json', 'print the plan as JSON')
  .addHelpText('after', '\nExample:\n  $ stemma plan study.yaml')
  .action(async (file: string, { out, ...options }: { json?: boolean; out?: string }) => {
    const study = await loadStudy(file);
    const folder = out ?? join('runs', study.name);
    const planned = await planStudy(study, { checkpoints: checkpointsFor(folder) });
    const check = await latestCheck(folder);
    const time = check === null ? null : timeEstimate(planned.endpoints, planned.study, speedsOf(check));
    if (options.json) {
      printJson(planJson(planned, time));
    } else {
      print(renderPlan(planned, page(), time));
    }
    // A run would be refused for this, and a plan that says so must not pass for one that can be run.
    requirePrices(planned.study);
    next(stemma('run', file));
  });
