import type { CaseRun } from '../evidence.ts';

/** Noise slows a run down now and then; it does not make one eight times as fast. CPU time, in which waiting does not count. */
const RATIO = 8;
const LEAST_SECONDS = 0.02;

/** Sum of CPU seconds. */
export function sumOf(runs: readonly CaseRun[]): number {
  return runs.reduce((sum, { cpu }) => sum + (cpu ?? 0), 0);
}

/** Whether all of these were answered rightly, in far less CPU time a run than the others. */
export function answersFaster(these: readonly CaseRun[], others: readonly CaseRun[]): boolean {
  if (these.length === 0 || others.length === 0) return false;
  if (!these.every(({ right, cpu }) => right && cpu !== null)) return false;
  if (!others.every(({ cpu }) => cpu !== null)) return false;
  const [fast, slow] = [sumOf(these) / these.length, sumOf(others) / others.length];
  return slow >= RATIO * fast && slow - fast >= LEAST_SECONDS;
}

/** The held-out runs on inputs of the sizes of these. */
export function onSizesOf(visible: readonly CaseRun[], all: readonly CaseRun[]): CaseRun[] {
  return all.filter(({ set, size }) => set === 'held-out' && visible.some((each) => each.size === size));
}
