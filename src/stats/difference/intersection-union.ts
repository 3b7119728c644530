/**
 * Intersection–union test: the p value of "all of these hold", where each p value is that of one of them. It is the
 * largest, and needs no adjustment for how many there are.
 *
 * @param pValues in [0, 1]; at least one
 * @throws RangeError when there is none, or one outside [0, 1]
 * @see Berger (1982), "Multiparameter hypothesis testing and acceptance sampling"; Berger & Hsu (1996)
 *
 * @example
 * intersectionUnion([0.01, 0.04]); // => 0.04
 */
export function intersectionUnion(pValues: readonly number[]): number {
  if (pValues.length === 0) throw new RangeError('intersectionUnion: there is nothing to hold');
  const wrong = pValues.find((p) => !(p >= 0 && p <= 1));
  if (wrong !== undefined) throw new RangeError(`intersectionUnion: ${wrong} is not a p value`);
  return pValues.reduce((largest, p) => Math.max(largest, p), 0);
}
