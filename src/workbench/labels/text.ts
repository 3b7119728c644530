import { printable } from '../../report/markup.ts';
import { cells } from '../../report/terminal/cells.ts';

/**
 * A text as lines of at most so many cells: its own line breaks are kept, long lines break at spaces (and long words
 * anywhere), later lines of one are indented as its first. What could steer the terminal is taken out.
 */
export function wrap(text: string, width: number): string[] {
  return printable(text)
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll('\t', '    ')
    .split('\n')
    .flatMap((line) => wrapLine(line.trimEnd(), width));
}

/** Markdown with the line breaks within its paragraphs and list items taken out, so that it can be wrapped anew. */
export function reflow(markdown: string): string {
  const lines: string[] = [];
  let open = false;
  let code = false;
  for (const line of markdown.replaceAll(/\r\n?/g, '\n').split('\n')) {
    const fence = line.trimStart().startsWith('```');
    const alone = code || fence || line.trim() === '' || /^\s*(#|\||>|[-*] |\d+[.)] )/.test(line);
    if (open && !alone) lines.push(`${lines.pop()} ${line.trim()}`);
    else lines.push(line);
    if (fence) code = !code;
    open = !code && !fence && line.trim() !== '' && !/^\s*[#|]/.test(line);
  }
  return lines.join('\n');
}

function wrapLine(line: string, width: number): string[] {
  if (cells(line) <= width) return [line];
  const indent = line.match(/^ */)![0].slice(0, Math.floor(width / 2));
  const wrapped: string[] = [];
  let current = indent;
  let empty = true;
  for (const word of line.trim().split(/ +/)) {
    if (!empty && cells(current) + 1 + cells(word) > width) {
      wrapped.push(current);
      current = indent;
      empty = true;
    }
    const pieces = broken(word, width - cells(indent));
    for (const piece of pieces.slice(0, -1)) {
      wrapped.push(indent + piece);
      current = indent;
    }
    current = empty ? indent + pieces.at(-1)! : `${current} ${pieces.at(-1)!}`;
    empty = false;
  }
  return [...wrapped, current];
}

/** A word in pieces that fit. */
function broken(word: string, width: number): string[] {
  if (cells(word) <= width) return [word];
  const pieces: string[] = [];
  let piece = '';
  for (const character of word) {
    if (piece !== '' && cells(piece + character) > width) {
      pieces.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...pieces, piece];
}
