import type { RunSummary } from '../run/index.ts';
import { stemma } from './shell-words.ts';
import { next, print, say } from './talk.ts';

/** The end of `run` and `rate`: what was done in words, the run folder on stdout, and what to do next. */
export function reportRun(summary: RunSummary, { folder, again }: { folder: string; again: string }): void {
  for (const line of summary.lines) say(line);
  print(folder);
  process.exitCode = exitCodeOf(summary);
  next(nextStep(summary, { folder, again }));
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

function nextStep(summary: RunSummary, { folder, again }: { folder: string; again: string }): string {
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
