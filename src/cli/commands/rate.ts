import { Command } from 'commander';
import { rateRun } from '../../run/index.ts';
import { loadStudy, parseRater, type RaterSpec, type Study } from '../../study/index.ts';
import { showProgress } from '../progress.ts';
import { stemma } from '../shell-words.ts';
import { stopOnSignals } from '../stopping.ts';
import { reportRun } from '../summary.ts';

export const rate = new Command('rate')
  .summary('rate the transcripts of a run again, with another rater')
  .description(
    'Adds the ratings of another rater to a run; no checkpoint is asked again, and the ratings it has stay. ' +
      'A rater is ID=autorater:MODEL, ID=rule:NAME, the bare name of a rule, or, with --study, the id of one declared there.',
  )
  .argument('<run>', 'the run folder')
  .requiredOption('--rater <rater...>', 'whom to ask; may be given more than once')
  .option('--study <file>', 'a study file that declares the raters and endpoints')
  .addHelpText(
    'after',
    '\nExamples:\n  $ stemma rate runs/olmo3 --rater string-match\n  $ stemma rate runs/olmo3 --rater second=autorater:anthropic:claude-opus-4.7',
  )
  .action(async (folder: string, options: { rater: string[]; study?: string }) => {
    const study: Study | null = options.study === undefined ? null : await loadStudy(options.study);
    const raters: RaterSpec[] = options.rater.map((text) => parseRater(text, study?.raters ?? []));
    using stopping = stopOnSignals();
    using progress = showProgress();
    const summary = await rateRun({
      folder,
      raters,
      endpoints: study?.endpoints ?? {},
      base: study?.folder ?? process.cwd(),
      stop: stopping.stop,
      abort: stopping.abort,
      onProgress: progress.update,
    });
    progress[Symbol.dispose]();
    reportRun(summary, {
      folder,
      again: stemma(
        'rate',
        folder,
        '--rater',
        ...options.rater,
        ...(options.study ? ['--study', options.study] : []),
      ),
    });
  });
