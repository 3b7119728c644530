import { printable } from '../../format/index.ts';

/** A text as Markdown that shows it letter by letter, on one line, also inside a table's cell. */
export function text(raw: string): string {
  return printable(raw)
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_{}[\]<>#|~&$!]/g, '\\$&')
    .replace(/^([-+=]|\d+[.)])/, '\\$1');
}

/** A table of cells that are Markdown already. The first column is of words, as are those that say so; the others of numbers. */
export function table(
  head: readonly (string | { readonly words: string })[],
  rows: readonly (readonly string[])[],
): string {
  const titles = head.map((column) => (typeof column === 'string' ? column : column.words));
  const marks = head.map((column, index) => (index === 0 || typeof column !== 'string' ? '---' : '---:'));
  return [titles, marks, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Folded away where the reader's software can fold, as on GitHub; open elsewhere. */
export function folded(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
}
