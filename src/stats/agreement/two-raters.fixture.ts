/** Units of two raters of yes and no, from counts of [both yes, yes–no, no–yes, both no]. */
export function unitsOfTable(table: readonly number[]): number[][] {
  const pairs = [
    [1, 1],
    [1, 0],
    [0, 1],
    [0, 0],
  ];
  return table.flatMap((count, cell) => Array.from({ length: count }, () => pairs[cell]!));
}
