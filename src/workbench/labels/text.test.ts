import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cells } from '../../format/index.ts';
import { reflow, wrap } from './text.ts';

describe('wrap', () => {
  it('keeps line breaks and indents, breaks at spaces, and long words where it must', () => {
    expect(wrap('one two three\n\n  four five six', 9)).toEqual([
      'one two',
      'three',
      '',
      '  four',
      '  five',
      '  six',
    ]);
    expect(wrap('x'.repeat(25), 10)).toEqual(['x'.repeat(10), 'x'.repeat(10), 'x'.repeat(5)]);
    expect(wrap('a\tb', 10)).toEqual(['a    b']);
    expect(wrap('模型模型模型', 5)).toEqual(['模型', '模型', '模型']);
  });

  it('fits, and loses nothing but spaces', () => {
    const text = fc
      .array(fc.constantFrom('word', 'a', '模型', ' ', '\n', 'x'.repeat(30), '  '))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, fc.integer({ min: 8, max: 60 }), (said, width) => {
        const lines = wrap(said, width);
        for (const line of lines) expect(cells(line)).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(/\s/g, '')).toBe(said.replaceAll(/\s/g, ''));
      }),
    );
  });

  it('takes out what would steer the terminal', () => {
    const lines = wrap('a\u001b[2J\u001b]0;title\u0007b\r\nc\u202ed', 40);
    expect(lines.join('')).not.toMatch(/\p{Cc}|\u202e/u);
    expect(lines).toHaveLength(2);
  });
});

describe('reflow', () => {
  it('joins paragraphs and list items, and leaves headings, blank lines, tables and code', () => {
    expect(
      reflow('## Head\nOne\ntwo\n\n- a\n  b\n- c\n\n| x | y |\n| 1 | 2 |\n```\nif\n  then\n```\nend'),
    ).toBe('## Head\nOne two\n\n- a b\n- c\n\n| x | y |\n| 1 | 2 |\n```\nif\n  then\n```\nend');
  });
});
