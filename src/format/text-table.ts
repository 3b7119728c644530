import { stripVTControlCharacters } from 'node:util';

/** Where lines may go. */
export interface Room {
  readonly indent: number;
  /** Columns of the page. */
  readonly width: number;
}

/**
 * Rows of cells as aligned lines. The last cell of a row goes on as far as the page does and is then wrapped under
 * itself; cells may hold colours.
 *
 * @param right the columns (from 0) that are aligned to the right
 */
export function columns(
  rows: readonly (readonly string[])[],
  { gap, indent, width, right = [] }: Room & { readonly gap: number; readonly right?: readonly number[] },
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.slice(0, -1).entries()) {
      widths[index] = Math.max(widths[index] ?? 0, visible(cell));
    }
  }
  return rows.flatMap((row) => {
    const cells = row.slice(0, -1).map((cell, index) => padded(cell, widths[index]!, right.includes(index)));
    const start = ' '.repeat(indent) + cells.map((cell) => cell + ' '.repeat(gap)).join('');
    const last = row.at(-1) ?? '';
    const room = width - visible(start);
    if (visible(last) <= room || room < 20) return (start + last).trimEnd();
    const [first, ...others] = wrapped(last, { indent: 0, width: room });
    return [start + first, ...others.map((line) => ' '.repeat(visible(start)) + line)];
  });
}

/** A sentence as lines no longer than the page, each indented, where its words allow. */
export function wrapped(text: string, { indent, width }: Room): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + visible(line) + 1 + visible(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => ' '.repeat(indent) + each);
}

function visible(text: string): number {
  return stripVTControlCharacters(text).length;
}

function padded(cell: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - visible(cell)));
  return right ? space + cell : cell + space;
}
