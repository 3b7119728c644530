import type { RunSummary } from '../run/index.ts';
import { stemma } from './shell-words.ts';
import { next, print, say } from './talk.ts';

/** The end of `run` and `rate`: what was done in words, the run folder on stdout, and what to do next. */
export function reportRun(summary: RunSummary, { folder, again }: { folder: string; again: string }): void {
  for (const line of summary.lines) say(line);
  print(folder);
  if (learntNothing(summary)) {
    // A script must not go on as if all were well.
    process.exitCode = 1;
    next(`mend what failed; then \`${again} --retry-errors\` asks again`);
    return;
  }
  if (summary.complete) {
    next(stemma('findings', folder));
    return;
  }
  // Stopped by the user is 130, as a shell expects of Ctrl-C; stopped by a budget is a clean end that did what was asked.
  if (summary.stoppedBy === 'signal') process.exitCode = 130;
  next(`\`${again}\` goes on with what is missing; \`${stemma('findings', folder)}\` shows what there is`);
}

/** Whether all trials of the session failed, or a rater gave no value at all. */
function learntNothing({ trials: { done, errors }, ratedNothing }: RunSummary): boolean {
  return (done > 0 && errors === done) || ratedNothing.length > 0;
}
