import type { Measure } from '../core/index.ts';
import type { RatingColumn } from './rating-column.ts';
import { signColumn } from './sign-column.ts';
import { firstCell, TRIAL } from './trial-table.ts';

/**
 * The control that says whether a stage answered at all: a measure named `…/answered`, of one answer, or `…/acted`, of an agent.
 *
 * @example isAnswering({ id: 'refusals/answered', control: true }) // => true
 */
export function isAnswering({ id, control }: Pick<Measure, 'id' | 'control'>): boolean {
  return control === true && /\/(?:answered|acted)$/.test(id);
}

/** A column without the trials that a stage did not answer, and how many it did answer. */
interface AnsweredOnly {
  readonly column: RatingColumn;
  readonly control: RatingColumn;
  /** By the number of the stage: trials that the control has a value for, and those answered. */
  readonly counts: readonly { readonly trials: number; readonly answered: number }[];
  /** By sample: 1 where a stage answered in some epoch. */
  readonly answeredAt: (stage: number) => Uint8Array;
}

/**
 * A column restricted to the trials that were answered: what a measure says of those alone. Other trials are as if they had not
 * been planned, so that they are not lost answers.
 *
 * @param columns of the eval; the control is taken as the same rater sees it, else as the first one does
 * @returns `undefined` where there is no such control, or where all was answered
 */
export function answeredOnly(
  column: RatingColumn,
  columns: readonly RatingColumn[],
): AnsweredOnly | undefined {
  const control = controlOf(column, columns);
  if (control === undefined || column.measure.control) return undefined;
  const { table, values } = column;
  const status = table.status.slice();
  const kept = values.slice();
  let left = 0;
  for (let cell = 0; cell < table.cells; cell++) {
    if (control.values[cell] === 1) continue;
    if (control.values[cell] === 0 && !Number.isNaN(values[cell])) left++;
    status[cell] = TRIAL.notRun;
    kept[cell] = Number.NaN;
  }
  if (left === 0) return undefined;
  const info = { ...table.info, epochs: 0 };
  return {
    column: { ...column, values: kept, table: { ...table, status, info } },
    control,
    counts: Array.from({ length: table.stages }, (_, stage) => countsAt(control, stage)),
    answeredAt: (stage) =>
      Uint8Array.from(table.samples, (_, sample) => {
        const first = firstCell(table, stage, sample);
        return control.values.subarray(first, first + table.epochs).includes(1) ? 1 : 0;
      }),
  };
}

function controlOf(
  { table, rater }: RatingColumn,
  columns: readonly RatingColumn[],
): RatingColumn | undefined {
  const measure = table.info.measures.find(isAnswering);
  if (measure === undefined) return undefined;
  if (measure.without !== undefined) return signColumn(table, measure);
  const found = columns.filter((one) => one.measure === measure);
  return found.find((one) => one.rater === rater) ?? found[0];
}

function countsAt({ table, values }: RatingColumn, stage: number): { trials: number; answered: number } {
  let trials = 0;
  let answered = 0;
  for (let cell = firstCell(table, stage, 0); cell < firstCell(table, stage + 1, 0); cell++) {
    if (Number.isNaN(values[cell])) continue;
    trials++;
    answered += values[cell]!;
  }
  return { trials, answered };
}
