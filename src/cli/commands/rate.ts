import { Command } from 'commander';
import { definedOnly } from '../../core/defined-only.ts';
import { InputError } from '../../core/index.ts';
import { readDocumentText } from '../../files/index.ts';
import { parseSampleFields } from '../../interchange/index.ts';
import {
  chooseForRun,
  type QuestionChoice,
  type RunSummary,
  rateRun,
  type SessionOptions,
} from '../../run/index.ts';
import { progressSender, withJsonLines } from '../json-lines.ts';
import { next, print, say } from '../output.ts';
import { showProgress } from '../progress.ts';
import { namedRaters, type RaterFlags, sameRaters, withRaterFlags } from '../rater-flags.ts';
import { stemma } from '../shell-words.ts';
import { stopOnSignals } from '../stopping.ts';
import { exitCodeOf, reportRun } from '../summary.ts';

const command = new Command('rate')
  .summary('rate the transcripts of a run again, or those of an import for the first time')
  .description(
    'Adds the ratings of another rater to a run; no checkpoint is asked again, and the ratings it has stay. ' +
      'A rater is ID=autorater:MODEL, ID=rule:NAME, the bare name of a rule, or, with --study, the id of one declared there. ' +
      '--judging and --context-tokens are for raters of the form ID=autorater:MODEL; a study file says it of its own. ' +
      'Imported transcripts are asked the questions of a family (--as) or of a rubric file (--rubric); the run remembers which. ' +
      'Without --rater that alone is put down, for `stemma label` and later raters.',
  )
  .argument('<run>', 'the run folder');

export const rate = withRaterFlags(command, {
  whom: 'whom to ask; may be given more than once',
  optional: true,
})
  .option(
    '--as <family>',
    'imports: what is asked: refusals, dilemmas, user-logs, odcv, answered, … or the id of a rubric',
  )
  .option('--rubric <file>', 'imports: a rubric of your own; docs/raters.md says how to write one')
  .option(
    '--with <key=field...>',
    'imports: what the questions need to know of a sample, and the column that says it: intent=label',
  )
  .option('--eval <ids...>', 'imports: only these evals of the run')
  .option('--retry-errors', 'ask again for the ratings whose record is an error')
  .option('--json', 'print progress as JSON lines, and a closing object')
  .addHelpText(
    'after',
    '\nExamples:\n  $ stemma rate runs/olmo3 --rater string-match\n  $ stemma rate runs/olmo3 --rater second=autorater:anthropic:claude-opus-4.7' +
      '\n  $ stemma rate runs/logs --rater local=autorater:http://localhost:8000/v1#judge --judging together --context-tokens 32768' +
      "\n  $ stemma rate runs/answers --as refusals --with 'intent={ column: label, values: { safe: benign, unsafe: harmful } }' --rater string-match" +
      '\n  $ stemma rate runs/answers --rubric tone.md --rater judge=autorater:openai:gpt-5.5',
  )
  .action(async (folder: string, flags: RateFlags) => {
    if (flags.json) {
      await withJsonLines('rate', async (tell) => {
        const onWarning = (message: string) => tell('warning', { message });
        if (flags.rater === undefined) return { run: folder, notes: await chooseAsAsked(folder, flags) };
        const summary = await rateAsAsked(folder, flags, { onProgress: progressSender(tell), onWarning });
        process.exitCode = exitCodeOf(summary);
        return { run: folder, summary };
      });
      return;
    }
    if (flags.rater === undefined) {
      for (const note of await chooseAsAsked(folder, flags)) say(note);
      print(folder);
      next(
        `\`${stemma('rate', folder, '--rater', 'ID=autorater:MODEL')}\` has a judge rate it, \`${stemma('label', folder)}\` people`,
      );
      return;
    }
    using progress = showProgress();
    const summary = await rateAsAsked(folder, flags, { onProgress: progress.update, onWarning: say });
    progress[Symbol.dispose]();
    const raters = sameRaters({ ...flags, rater: flags.rater });
    reportRun(summary, {
      folder,
      again: stemma('rate', folder, ...sameChoice(flags), ...raters),
      checkJudges: () =>
        stemma('raters', 'check', folder, ...(flags.as === undefined ? [] : ['--as', flags.as]), ...raters),
    });
  });

interface RateFlags extends Omit<RaterFlags, 'rater'> {
  readonly rater?: readonly string[];
  readonly as?: string;
  readonly rubric?: string;
  readonly with?: readonly string[];
  readonly eval?: readonly string[];
  readonly retryErrors?: boolean;
  readonly json?: boolean;
}

async function rateAsAsked(
  folder: string,
  flags: RateFlags,
  told: Pick<SessionOptions, 'onProgress' | 'onWarning'>,
): Promise<RunSummary> {
  const { retryErrors = false, rater = [] } = flags;
  const named = await namedRaters({ ...flags, rater });
  const choice = choiceOf(flags);
  using stopping = stopOnSignals();
  return await rateRun({
    folder,
    ...named,
    ...definedOnly({ choice }),
    stop: stopping.stop,
    abort: stopping.abort,
    retryErrors,
    ...told,
  });
}

async function chooseAsAsked(folder: string, flags: RateFlags): Promise<readonly string[]> {
  const choice = choiceOf(flags);
  if (choice !== undefined) return await chooseForRun(folder, choice);
  throw new InputError('no rater is named', {
    remedy: 'Name one: --rater ID=autorater:MODEL, or --rater string-match.',
  });
}

/** What is to be asked about imported transcripts; `undefined` where the flags do not say. */
function choiceOf({ as, rubric, with: fields, eval: evals }: RateFlags): QuestionChoice | undefined {
  if (as === undefined && rubric === undefined) {
    if (fields === undefined && evals === undefined) return undefined;
    throw new InputError('--with and --eval go with --as FAMILY or --rubric FILE');
  }
  if (as !== undefined && rubric !== undefined)
    throw new InputError('--as and --rubric can’t be given together', {
      remedy: 'A run can be asked both: one after the other.',
    });
  return definedOnly({
    as,
    rubric: rubric === undefined ? undefined : { file: rubric, text: readDocumentText(rubric, 'rubric') },
    with: fields && parseSampleFields(fields),
    evals,
  });
}

/** The flags of a choice as they would be written again; what it needs to know of samples is in the run. */
function sameChoice({ as, rubric, eval: evals }: RateFlags): string[] {
  return [
    ...(as === undefined ? [] : ['--as', as]),
    ...(rubric === undefined ? [] : ['--rubric', rubric]),
    ...(evals === undefined ? [] : ['--eval', ...evals]),
  ];
}
