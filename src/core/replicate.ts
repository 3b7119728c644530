/**
 * The id of a stage's further training run. The first run has the stage's own id.
 *
 * @param run from 2 on
 * @example replicateId('sft', 2); // => 'sft-run-2'
 */
export function replicateId(stage: string, run: number): string {
  return `${stage}-run-${run}`;
}

/** Fewer training runs than these say too little of how runs differ. */
export const FEWEST_REPLICATES = 3;

/** Whether replicates are a number of seeds or a list of them, and not the checkpoints that came of them. */
export function areSeeds(replicates: unknown): replicates is number | number[] {
  if (typeof replicates === 'number') return true;
  return Array.isArray(replicates) && replicates.every((one) => typeof one === 'number');
}
