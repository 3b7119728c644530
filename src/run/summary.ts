import type { RatingStatus } from '../core/index.ts';
import { compact, count, counted, dollars, durationText, labelInWords } from '../format/index.ts';
import type { Counters } from './counters.ts';
import { FAILURES_SHOWN, type Failure, failureLine } from './failures.ts';
import type { ProgressMeter } from './progress.ts';
import type { SessionResult } from './scheduler.ts';
import { signsInWords } from './sign-words.ts';
import type { StopControl, StoppedBy } from './stop-control.ts';

/** What a session of a run did, and what it left to do. */
export interface RunSummary {
  readonly trials: {
    readonly planned: number;
    /** Ended by this session: elicited, or rated where only ratings were missing. */
    readonly done: number;
    /** Found finished in the records. */
    readonly skipped: number;
    /** Transcripts of this session whose status is `error`. */
    readonly errors: number;
    /** Under way when the run was aborted: they left no record, or a transcript without all its ratings, and go on next time. */
    readonly dropped: number;
  };
  /** What made trials and ratings of this session fail, the most frequent first. */
  readonly failures: readonly Failure[];
  /** Recorded by this session. */
  readonly ratings: Readonly<Record<RatingStatus, number>>;
  /** Raters that this session asked and whose ratings, of all sessions, have no value at all. */
  readonly ratedNothing: readonly string[];
  /** Judges that gave a value in this session and had not rated anything in the run before. */
  readonly newJudges: readonly string[];
  /** Spent by this session, raters and teachers included. */
  readonly tokens: { readonly input: number; readonly output: number };
  /** `null` where no price is known. */
  readonly usd: number | null;
  /** `null` when all was done. */
  readonly stoppedBy: StoppedBy | null;
  /** Whether nothing is left to do. */
  readonly complete: boolean;
  readonly wallMs: number;
  /** The same in words, for people. */
  readonly lines: readonly string[];
}

export function summaryOf(
  { ended, dropped, begun }: SessionResult,
  {
    counters,
    control,
    meter,
    priced,
    newJudges,
    teachers,
  }: {
    counters: Counters;
    control: StopControl;
    meter: ProgressMeter;
    priced: boolean;
    newJudges: readonly string[];
    /** What teachers took. */
    teachers: { readonly tokens: RunSummary['tokens']; readonly usd: number };
  },
): RunSummary {
  const complete = begun && dropped === 0;
  const { session } = counters;
  const summary = {
    trials: {
      planned: counters.sum((cell) => cell.total),
      done: ended,
      skipped: counters.sum((cell) => cell.skipped),
      errors: session.errors,
      dropped,
    },
    failures: counters.failures,
    ratings: { ...session.ratings },
    ratedNothing: counters.ratedNothing,
    newJudges: newJudges.filter((rater) => counters.ofRater(rater).rated > 0),
    tokens: {
      input: session.inputTokens + teachers.tokens.input,
      output: session.outputTokens + teachers.tokens.output,
    },
    usd: priced ? session.usd + teachers.usd : null,
    stoppedBy: complete ? null : control.stoppedBy,
    complete,
    wallMs: meter.elapsedMs,
  };
  return { ...summary, lines: linesOf(summary, counters) };
}

const STOPPED: Readonly<Record<StoppedBy, string>> = {
  signal: 'Stopped as asked',
  tokens: 'Stopped: the budget of tokens is used up, or does not cover another sample',
  usd: 'Stopped: the budget in dollars is used up, or does not cover another sample',
  wall: 'Stopped: the time that the budget gives a session is over',
  decided: 'Stopped: every headline has a verdict at a declared look',
};

function linesOf(summary: Omit<RunSummary, 'lines'>, { unmeasured, cells }: Counters): string[] {
  const { trials, failures, ratings, tokens, usd, stoppedBy, wallMs, ratedNothing } = summary;
  const left = trials.planned - trials.done - trials.skipped;
  const spent = tokens.input + tokens.output;
  const rated = Object.values(ratings).reduce((sum, times) => sum + times, 0);
  return [
    [
      `${counted(trials.done, 'trial')} in ${durationText(wallMs)}`,
      ...(trials.skipped > 0 ? [`${count(trials.skipped)} were done before`] : []),
      ...(trials.errors > 0 ? [`${count(trials.errors)} ended in an error ${RETRY}`] : []),
      ...(spent > 0 ? [`${compact(tokens.input)} tokens in, ${compact(tokens.output)} out`] : []),
      ...(usd !== null && usd > 0 ? [dollars(usd)] : []),
    ].join('; '),
    ...doubtful(cells),
    ...withoutValue(cells),
    ...(rated > 0 ? [ratingLine(rated, ratings, cells)] : []),
    ...failures.slice(0, FAILURES_SHOWN).map(failureLine),
    ...ratedNothing.map(
      (rater) => `The rater ${rater} has not rated anything: none of its answers has a value.`,
    ),
    ...warnings(unmeasured),
    ...(stoppedBy === null
      ? []
      : [
          `${STOPPED[stoppedBy]}; ${counted(left, 'trial')} left${trials.dropped > 0 ? `, ${count(trials.dropped)} of them dropped under way` : ''}.`,
        ]),
  ];
}

/** A line for each stage and eval whose answers are doubtful, as far as code can see. */
function doubtful(cells: Counters['cells']): string[] {
  return cells.flatMap(({ stage, eval: name, signs }) => {
    const said = signsInWords(signs);
    return said === null ? [] : [`  doubtful answers, ${name} · ${stage}: ${said}`];
  });
}

/** A line for each stage and measure with answers that raters could read, and that have no value: nothing failed there. */
function withoutValue(cells: Counters['cells']): string[] {
  return cells.flatMap(({ stage, eval: name, labelsAlone }) =>
    [...labelsAlone.values()].map(
      ({ measure, label, count: times }) =>
        `  no value of ${measure}, ${name} · ${stage}: ${counted(times, 'answer')} (${labelInWords(label)})`,
    ),
  );
}

const RETRY = '(try them again with --retry-errors)';

function ratingLine(total: number, ratings: RunSummary['ratings'], cells: Counters['cells']): string {
  const labelsAlone = cells
    .flatMap((cell) => [...cell.labelsAlone.values()])
    .reduce((sum, { count: times }) => sum + times, 0);
  const without = [
    [labelsAlone, 'without a value'],
    [ratings.unparsed - labelsAlone, 'could not be read'],
    [ratings.refused, 'were refused by the judge'],
    [ratings.error, `failed ${RETRY}`],
  ] as const;
  const said = without.filter(([times]) => times > 0).map(([times, what]) => `${count(times)} ${what}`);
  return [counted(total, 'rating'), ...said].join('; ');
}

function warnings(unmeasured: number): string[] {
  if (unmeasured === 0) return [];
  return [
    `For ${counted(unmeasured, 'answer')} the provider did not say how many tokens it took: an answer of a stage was estimated by its length, one of a judge counts as none.`,
  ];
}
