/**
 * The sum of numbers, with the rounding errors carried along and added back: its error does not grow with the count.
 *
 * @returns 0 for no numbers
 * @see Neumaier (1974), an improvement of Kahan's summation that also holds when a summand exceeds the running sum
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
 * The arithmetic mean, in two passes: the second adds the mean of what the first left over.
 *
 * @throws RangeError when there are no values
 */
export function mean(values: ArrayLike<number>): number {
  const n = values.length;
  if (n === 0) throw new RangeError('mean: there are no values');
  const first = sum(values) / n;
  let left = 0;
  for (let i = 0; i < n; i++) left += values[i]! - first;
  return first + left / n;
}
