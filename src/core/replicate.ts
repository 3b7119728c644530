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
