import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cleanWrites,
  controlWriter,
  painter,
  terminalLine,
  terminalOutput,
  terminalText,
} from './terminal.ts';

const ESCAPE = '\u001b';

/** Samples of each kind of sequence that steers a terminal. */
const HOSTILE = {
  'clear screen': `a${ESCAPE}[2Jb`,
  'window title': `a${ESCAPE}]0;title\u0007b`,
  'hyperlink (OSC 8)': `a${ESCAPE}]8;;http://evil/${ESCAPE}\\b`,
  'clipboard (OSC 52)': `a${ESCAPE}]52;c;ZXZpbA==\u0007b`,
  reset: `a${ESCAPE}cb`,
  'C1 control': 'a\u009b31m\u0090b\u009c',
  'carriage return': 'real\rfake',
  backspace: 'good\b\b\b\bevil',
  'turned writing': 'a\u202eb\u2066c',
  'lone surrogate': 'a\ud800b',
  'hidden text': `a${ESCAPE}[8mb`,
};

describe.each(Object.entries(HOSTILE))('%s', (_, text) => {
  it('cannot steer the terminal, whether or not it shows colours', () => {
    for (const clean of [terminalText(text), terminalOutput(text, false), terminalOutput(text, true)]) {
      expect(clean).not.toMatch(/(?![\t\n])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u);
      expect(clean.isWellFormed()).toBe(true);
    }
  });
});

describe('terminalOutput', () => {
  it('keeps our own colours where there are colours, and takes them out elsewhere', () => {
    const red = painter(true)('red', `bad ${ESCAPE}[2J`);
    expect(terminalOutput(red, true)).toBe(`${ESCAPE}[31mbad \ufffd[2J${ESCAPE}[39m`);
    expect(terminalOutput(red, false)).toBe('bad \ufffd[2J');
  });

  it('ends a colour that a text leaves open', () => {
    expect(terminalOutput(`a${ESCAPE}[31mb`, true)).toBe(`a${ESCAPE}[31mb${ESCAPE}[0m`);
  });

  it('keeps text of any script, line breaks and tabs', () => {
    const text = 'Modèle 模型 שלום\n\tβ · → ±5\r\n';
    expect(terminalOutput(text, true)).toBe('Modèle 模型 שלום\n\tβ · → ±5\n');
  });

  it('lets nothing but text and our styles pass, and changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, color) => {
        const clean = terminalOutput(text, color);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for them
        expect(clean.replace(/\u001b\[\d+m/g, '')).not.toMatch(/(?![\t\n])\p{Cc}/u);
        expect(terminalText(terminalText(text))).toBe(terminalText(text));
      }),
    );
  });
});

it('makes one line of a text', () => {
  expect(terminalLine('a\n\tb\r\nc')).toBe('a b c');
});

describe('a stream that is cleaned', () => {
  it('cleans texts and bytes, whoever writes them, and lets only displays move the cursor', () => {
    const written: string[] = [];
    const stream = { write: (text: string) => written.push(text) > 0 };
    cleanWrites(stream, false);
    stream.write(`a${ESCAPE}[2J`);
    stream.write(Buffer.from(`b${ESCAPE}[2J`) as unknown as string);
    controlWriter(stream)(`${ESCAPE}[1A`);
    expect(written).toEqual(['a\ufffd[2J', 'b\ufffd[2J', `${ESCAPE}[1A`]);
  });

  it('leaves a stream that is not cleaned as it is', () => {
    const written: string[] = [];
    controlWriter({ write: (text) => written.push(text) > 0 })('x');
    expect(written).toEqual(['x']);
  });
});
