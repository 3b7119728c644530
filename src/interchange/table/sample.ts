import type { Sample } from '../../core/index.ts';
import type { ResultRow } from './rows.ts';

/** The sample that a row is about; without input where the table does not say what was asked. */
export function sampleOfRow({ sample: id, cluster, prompt, metadata }: ResultRow): Sample {
  return { id, cluster, input: prompt === null ? [] : [{ role: 'user', content: prompt }], metadata };
}
