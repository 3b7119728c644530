import { printable } from '../markup.ts';

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const NOTHING = /[\p{M}\p{Cf}]/u;

/** How many cells of a terminal a text fills: two for a wide (East Asian) character, none for a combining one. */
export function cells(text: string): number {
  let count = 0;
  for (const character of text) count += NOTHING.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return count;
}

/** A text that can't steer the terminal and stays on its line. */
export function plain(text: string): string {
  return printable(text).replace(/\s+/g, ' ');
}

/** The text, or as much of it as fits with an ellipsis. */
export function clipped(text: string, room: number): string {
  if (cells(text) <= room) return text;
  let kept = '';
  for (const character of text) {
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

export function right(text: string, room: number): string {
  const fitting = clipped(text, room);
  return ' '.repeat(Math.max(0, room - cells(fitting))) + fitting;
}

/** Breaks a text at spaces into lines of at most so many cells; later lines begin with the indent. */
export function lines(text: string, room: number, indent = ''): string[] {
  const broken: string[] = [];
  let current = '';
  for (const word of plain(text).split(' ').filter(Boolean)) {
    const start = broken.length === 0 ? '' : indent;
    if (current !== '' && cells(`${current} ${word}`) <= room) current += ` ${word}`;
    else {
      if (current !== '') broken.push(current);
      current = clipped((current === '' ? start : indent) + word, room);
    }
  }
  return current === '' ? broken : [...broken, current];
}
