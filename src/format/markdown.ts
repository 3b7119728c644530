import { printable } from './html.ts';

/**
 * A text as Markdown that shows it letter by letter, on one line, also inside a table's cell.
 *
 * @example markdownText('a|b *c*'); // => 'a\\|b \\*c\\*'
 */
export function markdownText(raw: string): string {
  return printable(raw)
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_{}[\]<>#|~&$!]/g, '\\$&')
    .replace(/^([-+=]|\d+[.)])/, '\\$1');
}
