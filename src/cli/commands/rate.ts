import { Command } from 'commander';
import { type Progress, type RunSummary, rateRun } from '../../run/index.ts';
import { progressSender, withJsonLines } from '../json-lines.ts';
import { showProgress } from '../progress.ts';
import { namedRaters, type RaterFlags, sameRaters, withRaterFlags } from '../rater-flags.ts';
import { stemma } from '../shell-words.ts';
import { stopOnSignals } from '../stopping.ts';
import { exitCodeOf, reportRun } from '../summary.ts';

const command = new Command('rate')
  .summary('rate the transcripts of a run again, with another rater')
  .description(
    'Adds the ratings of another rater to a run; no checkpoint is asked again, and the ratings it has stay. ' +
      'A rater is ID=autorater:MODEL, ID=rule:NAME, the bare name of a rule, or, with --study, the id of one declared there. ' +
      '--judging and --context-tokens are for raters of the form ID=autorater:MODEL; a study file says it of its own.',
  )
  .argument('<run>', 'the run folder');

export const rate = withRaterFlags(command, 'whom to ask; may be given more than once')
  .option('--retry-errors', 'ask again for the ratings whose record is an error')
  .option('--json', 'print progress as JSON lines, and a closing object')
  .addHelpText(
    'after',
    '\nExamples:\n  $ stemma rate runs/olmo3 --rater string-match\n  $ stemma rate runs/olmo3 --rater second=autorater:anthropic:claude-opus-4.7' +
      '\n  $ stemma rate runs/logs --rater local=autorater:http://localhost:8000/v1#judge --judging together --context-tokens 32768',
  )
  .action(async (folder: string, flags: RateFlags) => {
    if (flags.json) {
      await withJsonLines('rate', async (tell) => {
        const summary = await rateAsAsked(folder, flags, progressSender(tell));
        process.exitCode = exitCodeOf(summary);
        return { run: folder, summary };
      });
      return;
    }
    using progress = showProgress();
    const summary = await rateAsAsked(folder, flags, progress.update);
    progress[Symbol.dispose]();
    reportRun(summary, {
      folder,
      again: stemma('rate', folder, ...sameRaters(flags)),
      checkJudges: () => stemma('raters', 'check', folder, ...sameRaters(flags)),
    });
  });

interface RateFlags extends RaterFlags {
  readonly retryErrors?: boolean;
  readonly json?: boolean;
}

async function rateAsAsked(
  folder: string,
  { retryErrors = false, json: _, ...flags }: RateFlags,
  onProgress: (progress: Progress) => void,
): Promise<RunSummary> {
  const named = await namedRaters(flags);
  using stopping = stopOnSignals();
  return await rateRun({
    folder,
    ...named,
    stop: stopping.stop,
    abort: stopping.abort,
    retryErrors,
    onProgress,
  });
}
