/**
 * Cohen's kappa: how far two raters agree beyond what their own frequencies would give by chance.
 *
 * @param table square; `table[i][j]` counts the units that the first rater put into category i and the second into j
 * @returns     in [−1, 1]; `null` where it is undefined: no units, or both raters used one and the same category only
 * @throws RangeError when the table is not square or has a negative count
 * @see Cohen (1960), "A coefficient of agreement for nominal scales"
 *
 * @example
 * cohenKappa([[20, 5], [10, 15]]); // => 0.4
 */
export function cohenKappa(table: readonly (readonly number[])[]): number | null {
  const size = table.length;
  if (table.some((row) => row.length !== size)) throw new RangeError('cohenKappa: the table is not square');
  if (table.flat().some((count) => !(count >= 0))) throw new RangeError('cohenKappa: a count is negative');
  let n = 0;
  let agreed = 0;
  const rows = new Float64Array(size);
  const columns = new Float64Array(size);
  table.forEach((row, i) => {
    row.forEach((count, j) => {
      n += count;
      if (i === j) agreed += count;
      rows[i]! += count;
      columns[j]! += count;
    });
  });
  // On counts, so that perfect agreement gives exactly 1 and a constant rater exactly 0.
  const byChance = rows.reduce((total, row, i) => total + row * columns[i]!, 0);
  if (n === 0 || byChance === n * n) return null;
  return (n * agreed - byChance) / (n * n - byChance);
}
