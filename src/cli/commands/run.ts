import { join } from 'node:path';
import { Command } from 'commander';
import { parseRedo } from '../../checkpoints/index.ts';
import { runStudy } from '../../run/index.ts';
import { loadStudy, planStudy } from '../../study/index.ts';
import { showProgress } from '../progress.ts';
import { stemma } from '../shell-words.ts';
import { stopOnSignals } from '../stopping.ts';
import { reportRun } from '../summary.ts';
import { say } from '../talk.ts';
import { showTraining } from '../training-progress.ts';

interface RunFlags {
  readonly out?: string;
  readonly retryErrors?: boolean;
  readonly redo: readonly string[];
  readonly verify?: boolean;
}

export const run = new Command('run')
  .summary('carry a study out, or go on with it where it was')
  .description(
    'Puts every sample to every stage and has every transcript rated. Each trial is on disk before it counts: stop it with ' +
      'Ctrl-C (twice: at once) or kill it, run the same command again, and it goes on with exactly what is missing.',
  )
  .argument('<study>', 'the study file')
  .option('--out <run>', 'the run folder (default: runs/<name of the study>)')
  .option('--retry-errors', 'try again the trials whose record is an error')
  .option(
    '--redo <condition>',
    'ask recorded trials again: served=NAME (answered by that model), stage=ID; both: --redo stage=sft --redo served=NAME',
    (condition: string, before: readonly string[]) => [...before, condition],
    [] as readonly string[],
  )
  .option('--verify', "read every byte of the checkpoints' files instead of trusting digests from before")
  .addHelpText('after', '\nExample:\n  $ stemma run study.yaml --out runs/olmo3')
  .action(async (file: string, options: RunFlags) => {
    const redo = parseRedo(options.redo);
    const plan = await planStudy(await loadStudy(file));
    const folder = options.out ?? join('runs', plan.study.name);
    const command = (...flags: readonly string[]) =>
      stemma('run', file, ...(options.out ? ['--out', folder] : []), ...flags);
    using stopping = stopOnSignals();
    using training = showTraining();
    using progress = showProgress();
    const summary = await runStudy(plan, {
      folder,
      stop: stopping.stop,
      abort: stopping.abort,
      onTraining: training.update,
      onProgress: progress.update,
      retryErrors: options.retryErrors ?? false,
      verify: options.verify ?? false,
      redo,
      command,
      onWarning: (warning) => say(`warning: ${warning}`),
    });
    training[Symbol.dispose]();
    progress[Symbol.dispose]();
    reportRun(summary, { folder, again: command() });
  });
