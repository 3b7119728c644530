import type { RatingColumn } from './rating-column.ts';
import { firstCell } from './trial-table.ts';

/**
 * Whether two stages were treated alike on the samples that both have a value for: each answered by one model, the same
 * sample text, the same sampling settings, the same version of the rater. Samples that only one of them has do not matter for fairness.
 *
 * @returns what differs, as a clause that says which and how many; `null` where nothing does
 */
export function unfairness(column: RatingColumn, from: number, to: number): string | null {
  const { table, values, versions } = column;
  const changed: string[] = [];
  let sampling = 0;
  let version = 0;
  let shared = 0;
  for (let sample = 0; sample < table.samples.length; sample++) {
    const arms = {
      values,
      epochs: table.epochs,
      a: firstCell(table, from, sample),
      b: firstCell(table, to, sample),
    };
    if (!hasValue(values, arms.a, table.epochs) || !hasValue(values, arms.b, table.epochs)) continue;
    shared++;
    if (!alike(table.sampleDigests, arms)) changed.push(table.samples[sample]!);
    if (!alike(table.samplingDigests, arms)) sampling++;
    if (versions.some((ofRater) => !alike(ofRater, arms))) version++;
  }
  const mixtures = [table.mixtures[from], table.mixtures[to]].filter((mixture) => mixture != null);
  const clauses = [
    ...new Set(shared > 0 ? mixtures : []),
    changed.length > 0 && `${some(changed.length, shared)} are not the same in both (${named(changed)})`,
    sampling > 0 && `the sampling settings differ on ${some(sampling, shared)}`,
    version > 0 && `${column.rater.id} rated ${some(version, shared)} in another version`,
  ].filter((clause) => clause !== false);
  return clauses.length === 0 ? null : clauses.join('; ');
}

function hasValue(values: Float64Array, first: number, epochs: number): boolean {
  for (let cell = first; cell < first + epochs; cell++) if (!Number.isNaN(values[cell])) return true;
  return false;
}

/** The cells of one sample in both stages: `epochs` of them from `a`, and from `b`. */
interface ArmPair {
  readonly values: Float64Array;
  readonly epochs: number;
  readonly a: number;
  readonly b: number;
}

/** Whether the numbers of all cells that have a value are the same; −1 is none. */
function alike(numbers: Int32Array, { values, epochs, a, b }: ArmPair): boolean {
  let common = -1;
  for (let i = 0; i < 2 * epochs; i++) {
    const cell = i < epochs ? a + i : b + i - epochs;
    const number = numbers[cell]!;
    if (number === -1 || Number.isNaN(values[cell])) continue;
    if (common === -1) common = number;
    else if (number !== common) return false;
  }
  return true;
}

function some(count: number, all: number): string {
  if (count === all) return all === 1 ? 'the one shared sample' : `all ${all} shared samples`;
  return `${count} of ${all} shared samples`;
}

function named(ids: readonly string[]): string {
  const shown = ids.slice(0, 3).join(', ');
  return ids.length > 3 ? `${shown}, …` : shown;
}
