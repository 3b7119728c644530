import type { Measure } from '../core/index.ts';
import { krippendorffAlpha, type MeasurementLevel } from '../stats/index.ts';
import type { RatingColumn } from './rating-column.ts';
import { firstCell } from './trial-table.ts';

/** Krippendorff's alpha on every scale that a measure's values can be read on. */
export function alphaByLevel(
  units: () => Iterable<readonly (number | null)[]>,
  { kind, level: own }: Measure,
): Readonly<Record<string, number | null>> {
  // A share of yes and no is the same on all scales.
  const levels: readonly MeasurementLevel[] =
    kind === 'rate' ? [own] : [...new Set(['nominal', 'ordinal', 'interval', own] as const)];
  return Object.fromEntries(levels.map((level) => [level, krippendorffAlpha(units(), level)]));
}

/** The cells of some stages. */
export function cellsOf({ table }: RatingColumn, stages: readonly number[]): number[] {
  return stages.flatMap((stage) => {
    const first = firstCell(table, stage, 0);
    return Array.from({ length: firstCell(table, stage + 1, 0) - first }, (_, i) => first + i);
  });
}

/** For each cell that at least two rated, what each says of it. Hands out one array again and again. */
export function* unitsOf(
  columns: readonly RatingColumn[],
  cells: readonly number[],
  counts: (column: number, cell: number) => boolean = () => true,
): Generator<readonly (number | null)[]> {
  const unit = new Array<number | null>(columns.length);
  for (const cell of cells) {
    let rated = 0;
    for (let i = 0; i < columns.length; i++) {
      const value = columns[i]!.values[cell]!;
      const said = !Number.isNaN(value) && counts(i, cell);
      unit[i] = said ? value : null;
      if (said) rated++;
    }
    if (rated > 1) yield unit;
  }
}
