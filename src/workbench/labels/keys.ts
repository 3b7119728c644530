/** A key as a session knows it: a character, or the name of a key that has none. */
export type Key = string;

const SEQUENCES: Readonly<Record<string, Key>> = {
  '\u001b[A': 'up',
  '\u001b[B': 'down',
  '\u001bOA': 'up',
  '\u001bOB': 'down',
  '\u001b[5~': 'page up',
  '\u001b[6~': 'page down',
  '\u001b[H': 'home',
  '\u001b[F': 'end',
  '\u001b[1~': 'home',
  '\u001b[4~': 'end',
  '\u001bOH': 'home',
  '\u001bOF': 'end',
};

const CONTROLS: Readonly<Record<string, Key>> = {
  '\u0003': 'interrupt',
  '\u0004': 'end of input',
  '\r': 'enter',
  '\n': 'enter',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u0006': 'page down',
  '\u0002': 'page up',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with ESC
const ESCAPE = /^\u001b(?:\[[0-9;?]*[ -/]*[@-~]|O.|)/;

/** The keys in what a terminal in raw mode sent; sequences of keys that mean nothing here are left out. */
export function keysIn(text: string): Key[] {
  const keys: Key[] = [];
  for (let rest = text; rest !== ''; ) {
    const sequence = ESCAPE.exec(rest)?.[0];
    if (sequence !== undefined) {
      const key = SEQUENCES[sequence];
      if (key !== undefined) keys.push(key);
      rest = rest.slice(sequence.length);
      continue;
    }
    const character = String.fromCodePoint(rest.codePointAt(0)!);
    const key = CONTROLS[character];
    if (key !== undefined) keys.push(key);
    else if (!/\p{Cc}/u.test(character)) keys.push(character);
    rest = rest.slice(character.length);
  }
  return keys;
}
