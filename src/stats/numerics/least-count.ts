/**
 * The least whole number in [from, most] for which a condition holds, by bisection.
 *
 * @param from  the least number tried; where it is above `most`, only `most` is tried
 * @param holds stays true once it is
 * @returns     `null` where it does not hold even for `most`
 *
 * @example
 * leastCount(1, 100, (n) => n * n >= 50); // => 8
 */
export function leastCount(from: number, most: number, holds: (count: number) => boolean): number | null {
  if (!holds(most)) return null;
  let [low, high] = [Math.min(from, most), most];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}
