import { InputError, type Manifest } from '../core/index.ts';
import { makeFindings, noteShown } from '../findings/index.ts';
import { percent } from '../format/index.ts';
import { looksTaken, openRun } from '../records/index.ts';
import type { Progress } from '../run/index.ts';
import { say } from './output.ts';

/** Looks at the findings of a run that goes on, where the study declared looks, and says when all is decided. */
interface DecisionWatch {
  /** Aborts when every headline comparison has a verdict. */
  readonly signal: AbortSignal;
  readonly update: (progress: Progress) => void;
  /** Resolves when no look is under way. */
  readonly settled: () => Promise<void>;
}

/**
 * Watches a run for `--until-decided`: at each declared look, the findings are made of what is there.
 *
 * @throws InputError where the study declares no looks: each would be one more chance of a false verdict
 */
export function watchDecision(folder: string, { analysis }: Pick<Manifest, 'analysis'>): DecisionWatch {
  const { looks } = analysis;
  if (looks === undefined) {
    throw new InputError('--until-decided needs looks that were declared before', {
      remedy: 'Add `looks: [0.33, 0.67, 1]` to `analysis:` in the study.',
    });
  }
  const decided = new AbortController();
  const taken = looksTaken(folder).looks.at(-1)?.part ?? 0;
  let next = looks.filter((part) => part <= taken).length;
  let pending = Promise.resolve();
  let looking = false;
  return {
    signal: decided.signal,
    update: ({ total: { done, total }, state }) => {
      const part = total === 0 ? 0 : done / total;
      if (looking || state !== 'running' || decided.signal.aborted) return;
      if (next >= looks.length - 1 || part < looks[next]!) return;
      while (next < looks.length - 1 && part >= looks[next]!) next++;
      looking = true;
      pending = openComparisons(folder)
        .then((open) => {
          if (open.length === 0) {
            say(`Every headline has a verdict after ${percent(part)} of the trials: stopping.`);
            decided.abort();
          } else say(`Look at ${percent(part)} of the trials: ${open.length} comparisons are still open.`);
        })
        .catch((error: unknown) => say(`warning: the look was not possible: ${String(error)}`))
        .finally(() => {
          looking = false;
        });
    },
    settled: () => pending,
  };
}

/** The headline comparisons that are inconclusive. The look is noted, whatever it shows: it counts for those that follow. */
async function openComparisons(folder: string): Promise<readonly string[]> {
  using run = await openRun(folder);
  const found = await makeFindings(run, { bootstrap: 0 });
  noteShown(run, found);
  return found.measures
    .filter(({ headline, control }) => headline && !control)
    .flatMap(({ id, contrasts }) =>
      contrasts
        .filter(({ verdict }) => verdict === 'inconclusive')
        .map(({ from, to }) => `${id} ${from} ${to}`),
    );
}
