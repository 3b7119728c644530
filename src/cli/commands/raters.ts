import { Command } from 'commander';
import { definedOnly } from '../../core/defined-only.ts';
import { count } from '../../format/index.ts';
import { checkRaters, ratingsPerQuestion } from '../../run/index.ts';
import { next, page, print, printJson, say } from '../output.ts';
import { renderRaterChecks } from '../rater-check.ts';
import { namedRaters, type RaterFlags, withRaterFlags } from '../rater-flags.ts';
import { stemma } from '../shell-words.ts';
import { stopOnSignals } from '../stopping.ts';
import { wholeNumber } from '../whole-number.ts';

interface RaterCheckFlags extends RaterFlags {
  readonly transcripts: number;
  readonly eval?: string[];
  readonly question?: string[];
  readonly as?: string;
  readonly seed: number;
  readonly json?: boolean;
}

const command = new Command('check')
  .summary('put a rater to the test: injections, other outputs, empty outputs')
  .description(
    'Takes a few transcripts of a run and asks a rater about them again and again: with texts added that tell it how to ' +
      'rate, close its fence or fake an answer; with additions that say nothing; with the output of another transcript; with ' +
      'no output. A rating must not move for the first, must follow the output, and must claim no wrong of nothing. ' +
      'Nothing is recorded. Exit code 1 where a rater did not hold.',
  )
  .argument('<run>', 'the run folder that the transcripts are taken from');

const check = withRaterFlags(command, {
  whom: 'whom to test: ID=autorater:MODEL, a rule, or an id of --study',
})
  .option(
    '--transcripts <n>',
    'transcripts of each eval',
    wholeNumber(2, 'It must be a whole number from 2.'),
    6,
  )
  .option('--eval <id...>', 'only these evals')
  .option('--question <id...>', 'only these questions')
  .option('--as <family>', 'for an import that is asked several things: which of them')
  .option('--seed <n>', 'decides which transcripts', Number, 1)
  .option('--json', 'print one JSON object')
  .addHelpText(
    'after',
    '\nExamples:\n  $ stemma raters check runs/olmo3 --rater string-match\n  $ stemma raters check runs/olmo3 --rater judge --study study.yaml --eval refusals',
  )
  .action(async (folder: string, flags: RaterCheckFlags) => {
    const named = await namedRaters(flags);
    using stopping = stopOnSignals();
    say(`At most ${count(ratingsPerQuestion(flags.transcripts))} ratings a question.`);
    let last = 0;
    const checks = await checkRaters({
      folder,
      ...named,
      transcripts: flags.transcripts,
      ...definedOnly({ evals: flags.eval, questions: flags.question, as: flags.as }),
      seed: flags.seed,
      // Nothing is recorded that a gentle stop could save.
      abort: AbortSignal.any([stopping.stop, stopping.abort]),
      onProgress: ({ rater, eval: name, done, total }) => {
        if (done < total && performance.now() - last < 2_000) return;
        last = performance.now();
        say(`${rater} on ${name}: ${done} of ${total}`);
      },
    });
    if (flags.json) printJson({ checks });
    else print(renderRaterChecks(checks, page()));
    const held = checks.every((one) => one.held);
    if (!held) process.exitCode = 1;
    next(held ? 'docs/raters.md says what these checks can and can’t show' : stemma('label', folder));
  });

export const raters = new Command('raters')
  .summary('put raters to the test')
  .description('Whether raters can be led astray.')
  .addCommand(check);
