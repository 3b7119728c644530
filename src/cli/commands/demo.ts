import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { makeFindings } from '../../findings/index.ts';
import { openRun } from '../../records/index.ts';
import { renderTerminal, writeReport } from '../../report/index.ts';
import { runStudy } from '../../run/index.ts';
import { loadStudy, planStudy } from '../../study/index.ts';
import { showProgress } from '../progress.ts';
import { stopOnSignals } from '../stopping.ts';
import { reportRun } from '../summary.ts';
import { next, page, print, say } from '../talk.ts';

const studyFile = fileURLToPath(new URL('../../../examples/scripted/study.yaml', import.meta.url));

export const demo = new Command('demo')
  .summary('the whole way on scripted models: study, run, findings, report')
  .description(
    'Runs the refusals study on three scripted stages whose rates are known, so that the verdicts can be held against what\n' +
      'was planted. Needs no key, no network and no model. A second run shows what the first one recorded.',
  )
  .option('--quick', "one epoch instead of the study's")
  .option('--out <run>', 'the run folder', join('runs', 'demo'))
  .option('--fresh', 'delete the run folder first')
  .addHelpText('after', '\nExample:\n  $ stemma demo --fresh')
  .action(async (options: { quick?: boolean; out: string; fresh?: boolean }) => {
    const folder = options.quick ? `${options.out}-quick` : options.out;
    if (options.fresh) await rm(folder, { recursive: true, force: true });
    const study = await loadStudy(studyFile);
    const plan = await planStudy(
      options.quick ? { ...study, evals: study.evals.map((entry) => ({ ...entry, epochs: 1 })) } : study,
    );
    say(
      `${plan.trials} trials: ${study.stages.map((stage) => stage.title ?? stage.id).join(' → ')}. What is planted is in ${studyFile}.`,
    );
    {
      using stopping = stopOnSignals();
      using progress = showProgress();
      const summary = await runStudy(plan, {
        folder,
        stop: stopping.stop,
        abort: stopping.abort,
        onProgress: progress.update,
      });
      progress[Symbol.dispose]();
      if (!summary.complete) {
        reportRun(summary, { folder, again: 'the demo' });
        return;
      }
    }
    await using run = await openRun(folder);
    const findings = await makeFindings(run);
    const written = await writeReport(findings, join(folder, 'report'));
    print(renderTerminal(findings, page()));
    print(`Report: ${written.html}\nRecords: ${folder}`);
    next(`open ${written.html}; then \`stemma init\` for a study of your own`);
  });
