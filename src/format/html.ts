/** Text that is HTML or SVG already: what `html` makes, and the only thing that it does not escape. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What may be between tags. `null`, `undefined` and `false` leave nothing; an array is joined. */
export type Content = Markup | string | number | null | undefined | false | readonly Content[];

/**
 * HTML or SVG from a template: all that is put in is escaped, for text and for quoted attributes alike, unless it is
 * `Markup`. Ids, titles and labels come from study files and from other people's data, so this is the one way by which
 * they reach a page.
 *
 * @example html`<td title="${label}">${label}</td>`
 */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  let text = parts[0] ?? '';
  for (const [index, content] of contents.entries()) text += textOf(content) + (parts[index + 1] ?? '');
  return new Markup(text);
}

/** Joins pieces with a separator that is markup or text itself. */
export function joined(pieces: readonly Content[], separator: Content): Markup {
  return new Markup(pieces.map(textOf).join(textOf(separator)));
}

function textOf(content: Content): string {
  if (content === null || content === undefined || content === false) return '';
  if (content instanceof Markup) return content.text;
  if (Array.isArray(content)) return content.map(textOf).join('');
  return escaped(String(content));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/**
 * A text without what XML can't hold or what would steer a terminal: control characters, lone surrogates, and the marks
 * that turn the direction of writing (which can make an id look like another one).
 */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .replace(/(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu, '\ufffd');
}
