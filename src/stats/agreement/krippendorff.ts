/** The scale on which ratings are compared. */
export type MeasurementLevel = 'nominal' | 'ordinal' | 'interval' | 'ratio';

/**
 * Krippendorff's alpha: the agreement of any number of raters, on any scale, with any ratings missing.
 * 1 is perfect agreement, 0 what chance would give, below 0 systematic disagreement.
 *
 * α = 1 − (n − 1)·D_o / D_e, where D_o sums δ² over the ordered pairs of ratings within each unit, each pair weighing
 * 1/(m_u − 1), and D_e sums it over all pairs of pairable ratings. δ is 0/1 (nominal), the distance between mid-ranks
 * (ordinal), between values (interval), or (a − b)/(a + b) (ratio). The first three need no matrix of coincidences:
 * D_e has a closed form, so time is linear in the ratings. Ratio takes the square of the number of distinct values.
 *
 * @param units one array of ratings a unit, `null` where a rater gave none; read once, in order, so an iterator may
 *              hand out the same array again and again
 * @returns     `null` where it is undefined: no unit has two ratings, or all pairable ratings are equal
 * @throws RangeError for a rating that is not finite, or is negative on a ratio scale
 * @see Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability"; Hayes & Krippendorff (2007)
 *
 * @example
 * krippendorffAlpha([[1, 1], [1, 2], [3, 3], [2, 2]], 'nominal'); // => 0.6667
 */
export function krippendorffAlpha(
  units: Iterable<readonly (number | null)[]>,
  level: MeasurementLevel,
): number | null {
  const pairable = pairableRatings(units, level);
  const scale = scaleOf(pairable.values);
  if (scale.values.length < 2) return null;
  const onScale = positions(scale, level);
  const observed = disagreementWithinUnits(pairable, scale, onScale, level);
  const expected = disagreementOverall(scale, onScale, level);
  return 1 - ((pairable.values.length - 1) * observed) / expected;
}

/** Ratings of the units that have at least two, one after the other; unit u ends before `ends[u]`. */
interface Pairable {
  readonly values: readonly number[];
  readonly ends: readonly number[];
}

function pairableRatings(units: Iterable<readonly (number | null)[]>, level: MeasurementLevel): Pairable {
  const values: number[] = [];
  const ends: number[] = [];
  for (const unit of units) {
    const start = values.length;
    for (const rating of unit) {
      if (rating === null) continue;
      if (!Number.isFinite(rating)) throw new RangeError(`krippendorffAlpha: ${rating} is not a rating`);
      if (level === 'ratio' && rating < 0) {
        throw new RangeError(`krippendorffAlpha: ${rating} can't be on a ratio scale, which begins at 0`);
      }
      values.push(rating);
    }
    if (values.length - start < 2) values.length = start;
    else ends.push(values.length);
  }
  return { values, ends };
}

/** The distinct values in rising order, how often each occurs, and where in that order a value stands. */
interface ValueScale {
  readonly values: readonly number[];
  readonly counts: readonly number[];
  readonly indexOf: ReadonlyMap<number, number>;
}

function scaleOf(ratings: readonly number[]): ValueScale {
  const counts = new Map<number, number>();
  for (const rating of ratings) counts.set(rating, (counts.get(rating) ?? 0) + 1);
  const values = [...counts.keys()].sort((a, b) => a - b);
  return {
    values,
    counts: values.map((value) => counts.get(value)!),
    indexOf: new Map(values.map((value, index) => [value, index])),
  };
}

/** Where each distinct value is, so that δ is a function of two positions: index, mid-rank or the value itself. */
function positions({ values, counts }: ValueScale, level: MeasurementLevel): readonly number[] {
  if (level === 'nominal') return values.map((_, index) => index);
  if (level !== 'ordinal') return values;
  let below = 0;
  return counts.map((count) => {
    const midRank = below + count / 2;
    below += count;
    return midRank;
  });
}

function squaredDifference(a: number, b: number, level: MeasurementLevel): number {
  if (a === b) return 0;
  if (level === 'nominal') return 1;
  const difference = level === 'ratio' ? (a - b) / (a + b) : a - b;
  return difference * difference;
}

function disagreementWithinUnits(
  { values, ends }: Pairable,
  scale: ValueScale,
  onScale: readonly number[],
  level: MeasurementLevel,
): number {
  const at = Float64Array.from(values, (value) => onScale[scale.indexOf.get(value)!]!);
  let total = 0;
  let start = 0;
  for (const end of ends) {
    let unit = 0;
    for (let i = start; i < end; i++) {
      for (let j = i + 1; j < end; j++) unit += squaredDifference(at[i]!, at[j]!, level);
    }
    total += (2 * unit) / (end - start - 1);
    start = end;
  }
  return total;
}

function disagreementOverall(
  { counts }: ValueScale,
  onScale: readonly number[],
  level: MeasurementLevel,
): number {
  const n = sum(counts, (count) => count);
  if (level === 'nominal') return n * n - sum(counts, (count) => count * count);
  if (level === 'ratio') {
    return sum(counts, (count, c) => {
      const others = sum(counts, (other, k) => other * squaredDifference(onScale[c]!, onScale[k]!, level));
      return count * others;
    });
  }
  // Σ n_c n_k (x_c − x_k)² = 2n Σ n_c (x_c − x̄)²
  const mean = sum(counts, (count, c) => count * onScale[c]!) / n;
  return 2 * n * sum(counts, (count, c) => count * (onScale[c]! - mean) ** 2);
}

function sum(counts: readonly number[], term: (count: number, index: number) => number): number {
  let total = 0;
  for (let index = 0; index < counts.length; index++) total += term(counts[index]!, index);
  return total;
}
