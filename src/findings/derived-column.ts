import type { Measure } from '../core/index.ts';
import type { RatingColumn } from './rating-column.ts';

/**
 * The columns of measures that are not rated themselves: 1 where the value of another measure is at least so much,
 * else 0. Panels are combined before, so a derived value is that of the panel's median, not the median of derived ones.
 *
 * @param columns of the measures that are rated, panels included
 */
export function derivedColumns(columns: readonly RatingColumn[]): RatingColumn[] {
  return columns.flatMap((column) =>
    column.table.info.measures.flatMap((measure) => {
      if (measure.derived === undefined || measure.derived.from !== column.measure.id) return [];
      const { atLeast } = measure.derived;
      const values = column.values.map((value) => (Number.isNaN(value) ? value : value >= atLeast ? 1 : 0));
      const { table, rater, status, versions } = column;
      return [{ table, measure, rater, values, status, versions }];
    }),
  );
}

/** A rater's column of a measure: the one that it rated, or what is derived of it. */
export function ofMeasure(rated: RatingColumn, measure: Measure): RatingColumn {
  if (measure.derived === undefined) return rated;
  return derivedColumns([rated]).find((derived) => derived.measure === measure)!;
}
