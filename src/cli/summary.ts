import { listed } from '../format/index.ts';
import type { RunSummary } from '../run/index.ts';
import { next, print, say } from './output.ts';
import { stemma } from './shell-words.ts';

/** Commands that a user may want next, for one run. */
interface Ways {
  readonly folder: string;
  /** The same command again. */
  readonly again: string;
  /** Puts judges to the test. */
  readonly checkJudges?: (ids: readonly string[]) => string;
}

/** The end of `run` and `rate`: what was done in words, the run folder on stdout, and what to do next. */
export function reportRun(summary: RunSummary, ways: Ways): void {
  const { folder, checkJudges } = ways;
  for (const line of summary.lines) say(line);
  if (summary.newJudges.length > 0 && checkJudges !== undefined) {
    const judges = listed(summary.newJudges);
    say(`New here: ${judges}. Before you rely on a judge, test it: \`${checkJudges(summary.newJudges)}\``);
  }
  print(folder);
  process.exitCode = exitCodeOf(summary);
  next(nextStep(summary, ways));
}

/**
 * 0: done, or a budget ended it cleanly. 130: stopped by the user, as a shell expects of Ctrl-C. 1: nothing was learnt,
 * because all trials of the session failed or a rater gave no value at all; a script must not go on as if all were well.
 */
export function exitCodeOf(summary: RunSummary): 0 | 1 | 130 {
  if (summary.stoppedBy === 'signal') return 130;
  return allFailed(summary) || summary.ratedNothing.length > 0 ? 1 : 0;
}

function allFailed({ trials: { done, errors } }: RunSummary): boolean {
  return done > 0 && errors === done;
}

function nextStep(summary: RunSummary, { folder, again }: Ways): string {
  const { ratedNothing, ratings, trials, complete } = summary;
  if (allFailed(summary)) return `mend what failed; then \`${again} --retry-errors\` asks again`;
  if (ratedNothing.length > 0 && ratings.error > 0) {
    return `mend what kept ${ratedNothing.join(', ')} from rating; then \`${again} --retry-errors\` asks again`;
  }
  if (ratedNothing.length > 0) {
    return `\`${stemma('raters', 'check', folder, '--rater', ...ratedNothing)}\` tests what ${ratedNothing.join(', ')} can do`;
  }
  if (!complete) {
    return `\`${again}\` goes on with what is missing; \`${stemma('findings', folder)}\` shows what there is`;
  }
  if (trials.errors + ratings.error > 0) {
    return `\`${again} --retry-errors\` asks again what failed; \`${stemma('findings', folder)}\` shows what there is`;
  }
  return stemma('findings', folder);
}
