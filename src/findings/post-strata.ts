import { keptIn } from '../core/kept-in.ts';
import type { LabelDesign } from './label-design.ts';
import type { RatingColumn } from './rating-column.ts';
import { firstCell } from './trial-table.ts';

/** With more different values than these, a judge's scores are put together in parts of about one size. */
const MOST_VALUES = 6;
const PARTS = 4;

/**
 * Strata for labels that stemma did not draw: what the judge says, at each stage. Within them every label counts alike, so
 * that it does not matter how many labels were chosen of what the judge says. Whether labels were chosen by anything else
 * can't be seen.
 *
 * @see post-stratification: Särndal, Swensson & Wretman (1992), §7.6
 */
export function postStrata(judge: RatingColumn): LabelDesign {
  const { table, values } = judge;
  const parts = partsOf(judge);
  const strata: { stage: number; says: string }[] = [];
  const stratum = new Int32Array(values.length).fill(-1);
  for (let stage = 0; stage < table.stages; stage++) {
    const places = new Map<number, number>();
    const end = firstCell(table, stage + 1, 0);
    for (let cell = firstCell(table, stage, 0); cell < end; cell++) {
      const value = values[cell]!;
      if (Number.isNaN(value)) continue;
      const part = parts.of(value);
      stratum[cell] = keptIn(places, part, () => strata.push({ stage, says: parts.names[part]! }) - 1);
    }
  }
  return { strata, stratum, drawn: false };
}

interface StratumParts {
  readonly names: readonly string[];
  readonly of: (value: number) => number;
}

function partsOf({ values, measure }: RatingColumn): StratumParts {
  const known = values.filter((value) => !Number.isNaN(value));
  const distinct = [...new Set(known)].sort((a, b) => a - b);
  if (distinct.length <= MOST_VALUES) {
    const places = new Map(distinct.map((value, place) => [value, place]));
    return { names: distinct.map((value) => nameOf(value, measure.kind)), of: (value) => places.get(value)! };
  }
  const sorted = known.sort();
  // Values that are alike stay together: a part ends where the next value begins.
  const cuts = [...new Set(Array.from({ length: PARTS - 1 }, (_, i) => quantile(sorted, (i + 1) / PARTS)))];
  const of = (value: number) => cuts.filter((cut) => value > cut).length;
  const names = [...cuts, null].map((cut, i) => {
    const above = cuts[i - 1];
    if (above === undefined) return `at most ${cut}`;
    return cut === null ? `above ${above}` : `above ${above} to ${cut}`;
  });
  return { names, of };
}

function quantile(sorted: Float64Array, part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!;
}

function nameOf(value: number, kind: 'rate' | 'score'): string {
  if (kind === 'rate' && value === 1) return 'yes';
  return kind === 'rate' && value === 0 ? 'no' : String(value);
}
