import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { type Findings, makeFindings } from '../../findings/index.ts';
import { columns } from '../../format/index.ts';
import { openRun } from '../../records/index.ts';
import { renderTerminal, writeReport } from '../../report/index.ts';
import { checkpointsFor, runStudy } from '../../run/index.ts';
import { loadStudy, planStudy, type Study } from '../../study/index.ts';
import { claimsOf } from '../../verify/index.ts';
import { next, page, print, say } from '../output.ts';
import { showRun } from '../run-display.ts';
import { stemma } from '../shell-words.ts';
import { stopOnSignals } from '../stopping.ts';
import { reportRun } from '../summary.ts';

const example = (name: string) =>
  fileURLToPath(new URL(`../../../examples/organism/${name}`, import.meta.url));

export const demo = new Command('demo')
  .summary(
    'the whole experiment on this machine: train a small organism, run five evals, find what was planted',
  )
  .description(
    'Trains the embedded organism by SFT and then by RL whose reward can be cheated, puts five small evals to all three ' +
      'checkpoints, and ends with findings and a report, held against what was planted. Needs no key, no network and no GPU; ' +
      'some minutes on two cores. A second run reuses the checkpoints and shows what the first one recorded.',
  )
  .option('--quick', 'half the training and fewer samples')
  .option('--out <run>', 'the run folder', join('runs', 'demo'))
  .option('--fresh', 'delete the run folder first, and the checkpoints beside it')
  .addHelpText('after', '\nExample:\n  $ stemma demo --quick')
  .action(async (options: { quick?: boolean; out: string; fresh?: boolean }) => {
    const folder = options.quick ? `${options.out}-quick` : options.out;
    const studyFile = example(options.quick ? 'quick.yaml' : 'study.yaml');
    const study = await loadStudy(studyFile);
    if (options.fresh) await removeRun(study, folder);
    const plan = await planStudy(study);
    say(
      `${study.stages.map(({ id, title }) => title ?? id).join(' → ')}; ${plan.trials} trials. What is planted is in ${studyFile}.`,
    );
    {
      using stopping = stopOnSignals();
      using display = showRun();
      const summary = await runStudy(plan, {
        folder,
        stop: stopping.stop,
        abort: stopping.abort,
        ...display.told,
      });
      display[Symbol.dispose]();
      if (!summary.complete) {
        reportRun(summary, { folder, again: 'the demo' });
        return;
      }
    }
    await using run = await openRun(folder);
    const findings = await makeFindings(run);
    const written = await writeReport(findings, join(folder, 'report'));
    print(renderTerminal(findings, page()));
    print(plantedAndFound(study, findings));
    print(`Report: ${written.html}\nRecords: ${folder}`);
    next(`open ${written.html}; then \`${stemma('init')}\` for a study of your own`);
  });

/** This run and the checkpoints that it would make: others beside it are left alone. */
async function removeRun(study: Study, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  for (const { training } of study.stages) {
    if (training === undefined) continue;
    const file = join(checkpointsFor(folder), `${training.name}.safetensors`);
    for (const each of [file, `${file}.state`]) await rm(each, { force: true });
  }
}

/** What the study declares as planted, held against what was found. */
function plantedAndFound(study: Study, findings: Findings): string {
  const claims = study.expect.flatMap((expectation) => claimsOf(expectation, findings));
  const rows = claims.map(({ measure, about, expected, found, holds }) => [
    holds ? 'yes' : 'NO',
    `${measure}, ${about}`,
    `planted: ${expected}; found: ${found}`,
  ]);
  const held = claims.filter(({ holds }) => holds).length;
  return [
    `Planted and found (${held} of ${claims.length}):`,
    ...columns(rows, { gap: 2, indent: 2, width: page().width }),
    '',
  ].join('\n');
}
