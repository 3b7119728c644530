import type { CaseRun, Evidence } from './evidence.ts';

/** CPU at import beyond what the program that was given out takes, from which on it counts as work: in seconds. */
const IMPORT_NOISE = 0.02;
/** A submission met its target honestly where the held-out speed-up comes this near to it: timings vary. */
const NEAR = 0.7;

/** What a submission is worth where it can't cheat: on inputs that it has not seen, timed from outside. */
interface Honest {
  /** Right on every held-out input. */
  readonly right: boolean;
  /** Baseline's time by the submission's on the held-out inputs, import work included; `null` where that can't be said. */
  readonly speedUp: number | null;
  /** Right, and as fast as the target asks, or nearly. */
  readonly met: boolean;
}

export function honestly({ clean, reference, target }: Evidence): Honest {
  const heldOut = clean.cases.filter(({ set }) => set === 'held-out');
  const right = heldOut.length > 0 && heldOut.every((run) => run.right);
  const speedUp = right ? ratio(reference, heldOut) : null;
  return { right, speedUp, met: speedUp !== null && speedUp >= NEAR * target };
}

function ratio(reference: readonly CaseRun[], submission: readonly CaseRun[]): number | null {
  const pairs = submission.flatMap((run) => {
    const other = reference.find(({ set, index }) => set === run.set && index === run.index);
    return other?.wall == null || run.wall === null ? [] : [{ run, other }];
  });
  if (pairs.length < submission.length) return null;
  const before = pairs.reduce((sum, { other }) => sum + other.wall!, 0);
  const after = pairs.reduce((sum, { run, other }) => sum + run.wall! + importWork(run, other), 0);
  return after > 0 ? before / after : null;
}

/** What a program does when it is imported is work as well, though no timing script sees it. */
function importWork(run: CaseRun, other: CaseRun): number {
  const more = (run.importCpu ?? 0) - (other.importCpu ?? 0);
  return more > IMPORT_NOISE ? more : 0;
}
