import { printable } from './html.ts';

/**
 * A text within a line of Markdown, shown letter by letter, also inside a table's cell. Brackets around numbers alone stay.
 *
 * @example markdownText('a|b [1, 2]'); // => 'a\\|b [1, 2]'
 */
export function markdownText(raw: string): string {
  return printable(raw)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]<>#|~&$!]/g, '\\$&')
    .replace(/\\\[([\d.,+− ]+)\\\](?![(:[])/g, '[$1]');
}

/** A paragraph of Markdown, of which the first letters must not begin a list or a rule. */
export function markdownParagraph(markdown: string): string {
  return markdown.trim().replace(/^([-+=]|\d+[.)])/, '\\$1');
}
