import { cells, type LineLayout, left, right as padLeft, wrapped } from './cells.ts';

/**
 * Rows of cells as aligned lines. The last cell of a row goes on as far as the page does and is then wrapped under
 * itself; cells may hold colours.
 *
 * @param right the columns (from 0) that are aligned to the right
 */
export function columns(
  rows: readonly (readonly string[])[],
  {
    gap,
    indent = 0,
    width,
    right = [],
  }: LineLayout & { readonly gap: number; readonly right?: readonly number[] },
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.slice(0, -1).entries()) {
      widths[index] = Math.max(widths[index] ?? 0, cells(cell));
    }
  }
  return rows.flatMap((row) => {
    const texts = row
      .slice(0, -1)
      .map((cell, index) => (right.includes(index) ? padLeft : left)(cell, widths[index]!));
    const start = ' '.repeat(indent) + texts.map((cell) => cell + ' '.repeat(gap)).join('');
    const last = row.at(-1) ?? '';
    const room = width - cells(start);
    if (cells(last) <= room || room < 20) return (start + last).trimEnd();
    const [first, ...others] = wrapped(last, { width: room });
    return [start + first, ...others.map((line) => ' '.repeat(cells(start)) + line)];
  });
}
