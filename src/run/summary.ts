import type { RatingStatus } from '../core/index.ts';
import { compact, count, counted, dollars, durationText } from '../format/index.ts';
import type { Counters, Failure } from './counters.ts';
import type { ProgressMeter } from './progress.ts';
import type { SessionResult } from './scheduler.ts';
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
    /** Under way when all was dropped: they left no record, or a transcript without all its ratings, and go on next time. */
    readonly dropped: number;
  };
  /** What made trials of this session fail, the commonest first. */
  readonly failures: readonly Failure[];
  /** Recorded by this session. */
  readonly ratings: Readonly<Record<RatingStatus, number>>;
  /** Spent by this session, raters included. */
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
  }: { counters: Counters; control: StopControl; meter: ProgressMeter; priced: boolean },
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
    tokens: { input: session.inputTokens, output: session.outputTokens },
    usd: priced ? session.usd : null,
    stoppedBy: complete ? null : control.stoppedBy,
    complete,
    wallMs: meter.elapsedMs,
  };
  return { ...summary, lines: linesOf(summary, counters) };
}

const STOPPED: Readonly<Record<StoppedBy, string>> = {
  signal: 'Stopped as asked',
  tokens: 'Stopped: the budget of tokens is used up',
  usd: 'Stopped: the budget in dollars is used up',
  wall: 'Stopped: the time that the budget gives a session is over',
};

function linesOf(summary: Omit<RunSummary, 'lines'>, { unmeasured }: Counters): string[] {
  const { trials, failures, ratings, tokens, usd, stoppedBy, wallMs } = summary;
  const left = trials.planned - trials.done - trials.skipped;
  const spent = tokens.input + tokens.output;
  const rated = Object.values(ratings).reduce((sum, times) => sum + times, 0);
  return [
    [
      `${counted(trials.done, 'trial')} in ${durationText(wallMs)}`,
      ...(trials.skipped > 0 ? [`${count(trials.skipped)} were done before`] : []),
      ...(trials.errors > 0
        ? [`${count(trials.errors)} ended in an error (try them again with --retry-errors)`]
        : []),
      ...(spent > 0 ? [`${compact(tokens.input)} tokens in, ${compact(tokens.output)} out`] : []),
      ...(usd !== null && usd > 0 ? [dollars(usd)] : []),
    ].join('; '),
    ...failures.slice(0, FAILURES_SHOWN).map(failureLine),
    ...(rated > 0 ? [ratingLine(rated, ratings)] : []),
    ...warnings(unmeasured),
    ...(stoppedBy === null
      ? []
      : [
          `${STOPPED[stoppedBy]}; ${counted(left, 'trial')} left${trials.dropped > 0 ? `, ${count(trials.dropped)} of them dropped under way` : ''}.`,
        ]),
  ];
}

const FAILURES_SHOWN = 6;
const LONGEST_MESSAGE = 300;

function failureLine({ stage, kind, status, count: times, message }: Failure): string {
  const [first = ''] = message.split('\n');
  const said = first.length > LONGEST_MESSAGE ? `${first.slice(0, LONGEST_MESSAGE)}…` : first;
  return `  ${count(times)} × ${stage}: ${kind}${status === null ? '' : ` (HTTP ${status})`}: ${said}`;
}

function ratingLine(total: number, ratings: RunSummary['ratings']): string {
  const without = [
    [ratings.unparsed, 'could not be read'],
    [ratings.refused, 'were refused by the judge'],
    [ratings.error, 'failed'],
  ] as const;
  const said = without.filter(([times]) => times > 0).map(([times, what]) => `${count(times)} ${what}`);
  return [counted(total, 'rating'), ...said].join('; ');
}

function warnings(unmeasured: number): string[] {
  if (unmeasured === 0) return [];
  return [
    `For ${counted(unmeasured, 'answer')} the provider did not say how many tokens it took: they count as none.`,
  ];
}
