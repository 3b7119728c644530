import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shellWord } from '../format/index.ts';
import { stemma } from './shell-words.ts';

it('leaves plain words as they are', () => {
  expect(stemma('run', 'runs/olmo-3_x.yaml', '--margin', '0.05')).toBe(
    'stemma run runs/olmo-3_x.yaml --margin 0.05',
  );
});

it('quotes what a shell would take apart', () => {
  expect(stemma('findings', 'my runs/a b')).toBe("stemma findings 'my runs/a b'");
  expect(shellWord("it's")).toBe("'it'\\''s'");
  expect(shellWord('')).toBe("''");
});

it('gives a shell back the words that went in', () => {
  const words = fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 12 }), {
    minLength: 1,
    maxLength: 20,
  });
  fc.assert(
    fc.property(words, (texts) => {
      const script = `printf '%s\\n' ${texts.map((text) => shellWord(text)).join(' ')}`;
      expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(`${texts.join('\n')}\n`);
    }),
    { numRuns: 20 },
  );
});
