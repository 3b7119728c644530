import type { Measure } from '../core/index.ts';
import { RATING, type RatingColumn } from './rating-column.ts';
import type { EvalTable } from './trial-table.ts';

/** The samples that a measure is about. Only ratings tell: an over-refusal is rated on benign prompts alone. */
export interface Applicability {
  /**
   * 1 for each sample that some rater, in some stage, was asked to rate on this measure, and for each that nobody rated on
   * any: it can't be known what those would have been rated on, and they must not vanish from the count of what is missing.
   */
  readonly applies: Uint8Array;
  /**
   * Samples of the plan that no trial has named yet: of them the same part as of the samples that have been rated,
   * rounded up.
   */
  readonly unseen: number;
}

/**
 * Which samples of an eval each of its rated measures is about.
 *
 * @param columns of the raters that have records, of this eval
 * @returns by measure; a derived measure applies where the one it comes from does
 */
export function applicabilityOf(
  table: EvalTable,
  columns: readonly RatingColumn[],
): (measure: Measure) => Applicability {
  const size = table.samples.length;
  const rated = new Uint8Array(size);
  const byMeasure = new Map<string, Uint8Array>();
  for (const column of columns) {
    const asked = byMeasure.get(column.measure.id) ?? new Uint8Array(size);
    byMeasure.set(column.measure.id, asked);
    for (let cell = 0; cell < table.cells; cell++) {
      if (column.status[cell] === RATING.none) continue;
      const sample = Math.floor(cell / table.epochs) % size;
      asked[sample] = 1;
      rated[sample] = 1;
    }
  }
  const known = count(rated);
  const beyond = Math.max(0, table.info.samples.count - size);
  return (measure) => {
    if (measure.without !== undefined) return { applies: new Uint8Array(size).fill(1), unseen: beyond };
    const asked = byMeasure.get(measure.derived?.from ?? measure.id) ?? new Uint8Array(size);
    const part = known === 0 ? 1 : count(asked) / known;
    return {
      applies: asked.map((one, sample) => (one === 1 || rated[sample] === 0 ? 1 : 0)),
      unseen: Math.ceil(beyond * part),
    };
  };
}

function count(flags: Uint8Array): number {
  return flags.reduce((total, flag) => total + flag, 0);
}
