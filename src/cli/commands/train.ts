import { join } from 'node:path';
import { Command } from 'commander';
import { InputError } from '../../core/index.ts';
import { checkpointsFor, requirePrices, trainStages } from '../../run/index.ts';
import { loadStudy } from '../../study/index.ts';
import { sayDownload } from '../download-progress.ts';
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
    requirePrices(study);
    const folder = out ?? join('runs', study.name);
    const checkpoints = checkpointsFor(folder);
    using stopping = stopOnSignals('the step under way is finished, and its state saved');
    using progress = showTraining();
    const { stopped } = await trainStages(study, {
      checkpoints,
      folder,
      signal: AbortSignal.any([stopping.stop, stopping.abort]),
      onTraining: progress.update,
      onAsking: progress.update,
      onDownload: sayDownload(),
      onWarning: (warning) => say(`warning: ${warning}`),
    });
    progress[Symbol.dispose]();
    if (stopped !== null) {
      say(stopped.line);
      if (stopped.by === 'signal') process.exitCode = 130;
      return;
    }
    print(`All trained stages have their checkpoints in ${checkpoints}.`);
  });
