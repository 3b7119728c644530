import { styleText } from 'node:util';

/** What would steer a terminal: control characters except tab and line feed, and what turns the direction of writing. */
const STEERING = /(?![\t\n])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu;
/** Invisible marks of direction. They steer nothing by themselves, but can make one name look like another. */
const MARKS = /[\u061c\u200e\u200f]/g;
/** The styles that {@link painter} makes: bold, dim, the eight colours, gray, and their ends. */
const OWN_STYLE = '\u001b\\[(?:1|2|22|3[0-7]|39|90)m';

export type Style = Parameters<typeof styleText>[0];
/** Styles a text, or leaves it as it is where colours are off. */
export type Paint = (style: Style, text: string) => string;

/** How a text may look where it is shown. */
export interface TerminalPage {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
}

/** @example painter(false)('bold', 'x'); // => 'x' */
export function painter(color: boolean): Paint {
  return (style, text) => (color && text !== '' ? styleText(style, text, { validateStream: false }) : text);
}

/**
 * A text from outside that cannot steer a terminal: cursor movements, window titles, clipboard writes, links, styles and
 * turned writing directions are made harmless. Line breaks and tabs stay.
 *
 * @example terminalText('a\u001b[2Jb'); // => 'a\ufffd[2Jb'
 */
export function terminalText(text: string): string {
  return text.toWellFormed().replaceAll('\r\n', '\n').replace(MARKS, '').replace(STEERING, '\ufffd');
}

/** The same on one line, with single spaces. */
export function terminalLine(text: string): string {
  return terminalText(text).replace(/\s+/g, ' ');
}

/**
 * What may be written to a terminal: text as {@link terminalText} makes it, with the styles of {@link painter} where
 * colours are on. A style that is left open ends with the text.
 */
export function terminalOutput(text: string, color: boolean): string {
  if (!color) return terminalText(text.replace(new RegExp(OWN_STYLE, 'g'), ''));
  const parts = text.split(new RegExp(`(${OWN_STYLE})`));
  const clean = parts.map((part, index) => (index % 2 === 1 ? part : terminalText(part))).join('');
  const last = parts.at(-2);
  return last === undefined || /\[(22|39)m/.test(last) ? clean : `${clean}\u001b[0m`;
}

/** A stream that texts are written to, such as `process.stdout`. */
interface TextStream {
  write(text: string, ...rest: unknown[]): boolean;
}

const unchecked = new WeakMap<object, TextStream['write']>();

/**
 * Makes a stream clean all that is written to it with {@link terminalOutput}: nothing in this process can bypass it, except
 * a display that asks for {@link controlWriter}.
 *
 * @param color whether the stream shows colours
 */
export function cleanWrites(stream: TextStream, color: boolean): void {
  const write = stream.write.bind(stream);
  unchecked.set(stream, write);
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    return write(terminalOutput(text, color), ...rest);
  };
}

/** Writes control sequences of our own, such as cursor movements. Text from outside must not be given to it. */
export function controlWriter(stream: { write(text: string): boolean }): (controls: string) => boolean {
  return unchecked.get(stream) ?? stream.write.bind(stream);
}
