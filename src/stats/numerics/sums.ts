/**
 * The sum of numbers, with the rounding errors carried along and added back: its error does not grow with the count.
 *
 * @returns 0 for no numbers
 * @see Neumaier (1974), an improvement of Kahan's summation that also holds when a summand exceeds the running sum
 *
 * @example
 * sum([1e100, 1, -1e100]); // => 1
 */
export function sum(values: ArrayLike<number>): number {
  let total = 0;
  let lost = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + lost;
}

/**
 * The arithmetic mean, of a sum whose rounding errors are carried along: k ones among n values give exactly k/n.
 *
 * @throws RangeError when there are no values
 *
 * @example
 * mean([1, 2, 4]); // => 2.3333
 */
export function mean(values: ArrayLike<number>): number {
  if (values.length === 0) throw new RangeError('mean: there are no values');
  return sum(values) / values.length;
}
