import { join } from 'node:path';
import { Command } from 'commander';
import { InputError } from '../../core/index.ts';
import { checkpointsFor, trainStages } from '../../run/index.ts';
import { loadStudy } from '../../study/index.ts';
import { print, say } from '../output.ts';
import { stopOnSignals } from '../stopping.ts';
import { showTraining } from '../training-progress.ts';

export const train = new Command('train')
  .summary('train the stages of a study that have a recipe, and nothing else')
  .description(
    'Trains, in training order, every stage whose checkpoint is not there yet. `stemma run` does this itself; the parts of a ' +
      'divided run (--shard) do not. Stop it with Ctrl-C or kill it, run the same command again, and it goes on.',
  )
  .argument('<study>', 'the study file')
  .option(
    '--out <run>',
    'the run folder, beside which checkpoints are kept (default: runs/<name of the study>)',
  )
  .addHelpText('after', '\nExample:\n  $ stemma train study.yaml')
  .action(async (file: string, { out }: { readonly out?: string }) => {
    const study = await loadStudy(file);
    if (study.stages.every(({ training }) => training === undefined))
      throw new InputError('no stage of this study has a recipe', { place: { file } });
    const checkpoints = checkpointsFor(out ?? join('runs', study.name));
    using stopping = stopOnSignals();
    using progress = showTraining();
    const stopped = await trainStages(study, {
      checkpoints,
      signal: AbortSignal.any([stopping.stop, stopping.abort]),
      onTraining: progress.update,
      onWarning: (warning) => say(`warning: ${warning}`),
    });
    progress[Symbol.dispose]();
    if (stopped !== null) {
      say(`Stopped as asked while ${stopped} was being trained; its state is saved.`);
      process.exitCode = 130;
      return;
    }
    print(`All trained stages have their checkpoints in ${checkpoints}.`);
  });
