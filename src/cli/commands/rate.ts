import { Command } from 'commander';
import { rateRun } from '../../run/index.ts';
import { showProgress } from '../progress.ts';
import { namedRaters, type RaterFlags, sameRaters, withRaterFlags } from '../rater-flags.ts';
import { stemma } from '../shell-words.ts';
import { stopOnSignals } from '../stopping.ts';
import { reportRun } from '../summary.ts';

const command = new Command('rate')
  .summary('rate the transcripts of a run again, with another rater')
  .description(
    'Adds the ratings of another rater to a run; no checkpoint is asked again, and the ratings it has stay. ' +
      'A rater is ID=autorater:MODEL, ID=rule:NAME, the bare name of a rule, or, with --study, the id of one declared there. ' +
      '--judging and --context-tokens are for raters of the form ID=autorater:MODEL; a study file says it of its own.',
  )
  .argument('<run>', 'the run folder');

export const rate = withRaterFlags(command, 'whom to ask; may be given more than once')
  .addHelpText(
    'after',
    '\nExamples:\n  $ stemma rate runs/olmo3 --rater string-match\n  $ stemma rate runs/olmo3 --rater second=autorater:anthropic:claude-opus-4.7' +
      '\n  $ stemma rate runs/logs --rater local=autorater:http://localhost:8000/v1#judge --judging together --context-tokens 32768',
  )
  .action(async (folder: string, flags: RaterFlags) => {
    const named = await namedRaters(flags);
    using stopping = stopOnSignals();
    using progress = showProgress();
    const summary = await rateRun({
      folder,
      ...named,
      stop: stopping.stop,
      abort: stopping.abort,
      onProgress: progress.update,
    });
    progress[Symbol.dispose]();
    reportRun(summary, { folder, again: stemma('rate', folder, ...sameRaters(flags)) });
  });
