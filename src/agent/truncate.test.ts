import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { truncateMiddle } from './truncate.ts';

describe('truncateMiddle', () => {
  it('leaves a text alone that is short enough', () => {
    expect(truncateMiddle('short', 5)).toBe('short');
  });

  it('keeps beginning and end, and says what is gone', () => {
    expect(truncateMiddle('abcdefghij', 4)).toBe('ab\n[… 6 characters left out here …]\nij');
  });

  it('keeps at most what it may, counts right, and never cuts a character in two', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 200 }),
        fc.integer({ min: 1, max: 60 }),
        (text, most) => {
          const cut = truncateMiddle(text, most);
          if (text.length <= most) return cut === text;
          const [, head, left, tail] =
            /^([\s\S]*)\n\[… ([\d,]+) characters left out here …\]\n([\s\S]*)$/.exec(cut)!;
          expect(head!.length + tail!.length).toBeLessThanOrEqual(most);
          expect(head!.length + tail!.length + Number(left!.replaceAll(',', ''))).toBe(text.length);
          expect(text.startsWith(head!) && text.endsWith(tail!)).toBe(true);
          expect(cut.isWellFormed()).toBe(text.isWellFormed());
          return true;
        },
      ),
    );
  });
});
