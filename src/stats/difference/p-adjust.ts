/**
 * Holm's step-down adjustment: keeps the chance of any false rejection among all of them below the level.
 *
 * @param pValues in [0, 1], in any order
 * @returns       adjusted p values in the order given, in [0, 1]
 * @throws RangeError for a p value outside [0, 1]
 * @see Holm (1979), "A simple sequentially rejective multiple test procedure"
 *
 * @example
 * holm([0.01, 0.04, 0.03]); // => [0.03, 0.06, 0.06]
 */
export function holm(pValues: readonly number[]): number[] {
  const count = pValues.length;
  const adjusted = new Array<number>(count);
  let largest = 0;
  risingOrder(pValues).forEach((index, rank) => {
    largest = Math.max(largest, (count - rank) * pValues[index]!);
    adjusted[index] = Math.min(1, largest);
  });
  return adjusted;
}

/**
 * Benjamini and Hochberg's step-up adjustment: keeps the expected share of false ones among the rejections below the
 * level, for independent or positively dependent tests.
 *
 * @param pValues in [0, 1], in any order
 * @returns       adjusted p values in the order given, in [0, 1]
 * @throws RangeError for a p value outside [0, 1]
 * @see Benjamini & Hochberg (1995), "Controlling the false discovery rate"
 *
 * @example
 * benjaminiHochberg([0.01, 0.04, 0.03]); // => [0.03, 0.04, 0.04]
 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const count = pValues.length;
  const adjusted = new Array<number>(count);
  const order = risingOrder(pValues);
  let smallest = 1;
  for (let rank = count; rank >= 1; rank--) {
    const index = order[rank - 1]!;
    smallest = Math.min(smallest, (count / rank) * pValues[index]!);
    adjusted[index] = smallest;
  }
  return adjusted;
}

function risingOrder(pValues: readonly number[]): number[] {
  const wrong = pValues.find((p) => !(p >= 0 && p <= 1));
  if (wrong !== undefined) throw new RangeError(`${wrong} is not a p value`);
  return pValues.map((_, index) => index).sort((a, b) => pValues[a]! - pValues[b]!);
}
