import { type Measure, type RaterInfo, signBits } from '../core/index.ts';
import { RATING, type RatingColumn } from './rating-column.ts';
import { type EvalTable, TRIAL } from './trial-table.ts';

/** Who "rates" what code reads off the trial itself. */
export const TRIAL_RATER: RaterInfo = {
  id: 'trial',
  kind: 'rule',
  title: 'code, from the trial itself',
  digests: {},
};

/** The column of a measure that is read off the trials: 1 where an answered trial does not have the measure's sign, else 0. */
export function signColumn(table: EvalTable, measure: Measure): RatingColumn {
  const bit = signBits([measure.without!]);
  const values = new Float64Array(table.cells).fill(Number.NaN);
  const status = new Uint8Array(table.cells);
  for (let cell = 0; cell < table.cells; cell++) {
    const trial = table.status[cell]!;
    if (trial === TRIAL.notRun || trial === TRIAL.error) continue;
    values[cell] = (table.signs[cell]! & bit) === 0 ? 1 : 0;
    status[cell] = RATING.rated;
  }
  return {
    table,
    measure,
    rater: TRIAL_RATER,
    values,
    status,
    versions: [new Int32Array(table.cells).fill(-1)],
  };
}
