const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
/** Most texts: each character has one cell. */
const PLAIN = /^[ -~]*$/;
const NOTHING = /[\p{M}\p{Cf}]/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: styles take no room
const STYLE = /\u001b\[[0-9;]*m/g;

/** How many cells of a terminal a text fills: two for a wide (East Asian) character, none for a combining one or a style. */
export function cells(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let count = 0;
  for (const character of text.replace(STYLE, ''))
    count += NOTHING.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return count;
}

/** The text, or as much of it as fits with an ellipsis. Styles of a text that is cut are left out. */
export function clipped(text: string, room: number): string {
  if (cells(text) <= room) return text;
  let kept = '';
  for (const character of text.replace(STYLE, '')) {
    if (cells(kept + character) > room - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Exactly as many cells as asked for: clipped, or filled with spaces at the right. */
export function left(text: string, room: number): string {
  const fitting = clipped(text, room);
  return fitting + ' '.repeat(Math.max(0, room - cells(fitting)));
}

/** The same, filled with spaces at the left. */
export function right(text: string, room: number): string {
  const fitting = clipped(text, room);
  return ' '.repeat(Math.max(0, room - cells(fitting))) + fitting;
}

/** Where lines may go, in cells. */
export interface LineLayout {
  /** Before each line. Default: 0. */
  readonly indent?: number;
  /** Before each line but the first. Default: `indent`. */
  readonly hanging?: number;
  /** Of the page, the indent included. */
  readonly width: number;
  /** Whether words that fit no line are broken; else they stand out. */
  readonly breakWords?: boolean;
}

/**
 * A text as lines, broken at spaces. An empty text is one empty line.
 *
 * @example wrapped('one two three', { width: 8, hanging: 2 }); // => ['one two', '  three']
 */
export function wrapped(
  text: string,
  { indent = 0, hanging = indent, width, breakWords = false }: LineLayout,
): string[] {
  const lines: string[] = [];
  let line: string | null = null;
  let filled = 0;
  const start = () => (lines.length === 0 ? indent : hanging);
  const end = () => {
    lines.push(' '.repeat(start()) + line);
    line = null;
  };
  for (const word of text.split(/ +/).filter((part) => part !== '')) {
    if (line !== null && start() + filled + 1 + cells(word) > width) end();
    const pieces = breakWords ? broken(word, Math.max(2, width - start())) : [word];
    for (const [index, piece] of pieces.entries()) {
      if (line !== null && index > 0) end();
      filled = (line === null ? 0 : filled + 1) + cells(piece);
      line = line === null ? piece : `${line} ${piece}`;
    }
  }
  if (line !== null) end();
  return lines.length === 0 ? [''] : lines;
}

/** A word in pieces that fit. */
function broken(word: string, room: number): string[] {
  if (cells(word) <= room) return [word];
  const pieces: string[] = [];
  let piece = '';
  let filled = 0;
  for (const character of word) {
    const more = cells(character);
    if (piece !== '' && filled + more > room) {
      pieces.push(piece);
      piece = '';
      filled = 0;
    }
    piece += character;
    filled += more;
  }
  return [...pieces, piece];
}
