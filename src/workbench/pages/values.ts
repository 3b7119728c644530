import type { SampleRow } from '../trials/list-query.ts';
import type { ViewedRun } from '../wire.ts';

type RowTrial = SampleRow['trials'][number];

/** What a trial came to, in a word or two. */
export function labelOfRow({ status, label }: Pick<RowTrial, 'status' | 'label'>): string {
  return label ?? (status === 'completed' ? 'not rated' : status);
}

/**
 * The class of a trial's mark, by where its value stands in the measure's range: `low`, `middle`, `high`; `none` without a
 * value; `failed` where there is no answer. The marks say which value it is, not whether it is good.
 */
export function markOf(
  { value, status }: Pick<RowTrial, 'value' | 'status'>,
  { measures }: Pick<ViewedRun, 'measures'>,
  measure: string | undefined,
): string {
  if (status === 'error' || status === 'empty') return 'failed';
  if (value === undefined || value === null) return 'none';
  const [bottom, top] = measures.find(({ id }) => id === measure)?.range ?? [0, 1];
  const place = (value - bottom) / (top - bottom || 1);
  return place < 1 / 3 ? 'low' : place > 2 / 3 ? 'high' : 'middle';
}
