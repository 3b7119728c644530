/** Character widths in units of the font size, of a wide system font (DejaVu Sans, Verdana): narrower fonts leave room. */
const CLASSES: readonly (readonly [RegExp, number])[] = [
  [
    /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}]/u,
    1.02,
  ],
  [/\p{M}/u, 0],
  [/[ilj.,:;|!'’ ·]/u, 0.32],
  [/[ftr()[\]"\-/]/u, 0.42],
  [/[mwMW%—→…]/u, 0.97],
  [/[+−±<>=≥≤≈≠]/u, 0.84],
  [/[A-Z]/, 0.74],
];
const OTHER = 0.635;

/** About how wide a text is drawn, in pixels; rather too wide than too narrow, so that texts never overlap. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const character of text) width += CLASSES.find(([pattern]) => pattern.test(character))?.[1] ?? OTHER;
  return width * size;
}

/** The text, or as much of it as fits with an ellipsis. */
export function fitted(text: string, room: number, size: number): string {
  if (textWidth(text, size) <= room) return text;
  const characters = [...text];
  while (characters.length > 1 && textWidth(`${characters.join('')}…`, size) > room) characters.pop();
  return `${characters.join('').trimEnd()}…`;
}

/**
 * Breaks a text at spaces into lines that fit. A word that fits no line, such as the address of a model, is broken after its
 * separators; a part that fits no line even so is cut with an ellipsis.
 */
export function wrapped(text: string, room: number, size: number, mostLines = 3): string[] {
  const lines: string[] = [];
  const add = (part: string, gap: string) => {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(`${last}${gap}${part}`, size) <= room)
      lines[lines.length - 1] = `${last}${gap}${part}`;
    else lines.push(fitted(part, room, size));
  };
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const parts = textWidth(word, size) <= room ? [word] : word.split(/(?<=[/:#@.,_+-])/);
    for (const [index, part] of parts.entries()) add(part, index === 0 ? ' ' : '');
  }
  if (lines.length <= mostLines) return lines;
  return [...lines.slice(0, mostLines - 1), fitted(lines.slice(mostLines - 1).join(' '), room, size)];
}
