import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitTexts, type SectionKind } from './fit.ts';

const section = (kind: SectionKind, length: number, character = 'x') => ({
  kind,
  text: character.repeat(length),
});
const lengths = (fitted: ReturnType<typeof fitTexts>) =>
  fitted.map(({ head, tail }) => head.length + tail.length);

describe('fitTexts', () => {
  it('leaves all whole where all fits', () => {
    const sections = [section('other', 50), section('tool result', 50)];
    expect(lengths(fitTexts(sections, 100))).toEqual([50, 50]);
  });

  it('cuts the longest tool results to one length, in their middle, and leaves the rest whole', () => {
    const text = `${'a'.repeat(9000)}${'z'.repeat(9000)}`;
    const sections = [
      section('other', 5000),
      section('tool call', 5000),
      section('tool result', 600),
      { kind: 'tool result' as const, text },
      section('tool result', 12_000),
    ];
    const fitted = fitTexts(sections, 20_600);
    expect(lengths(fitted)).toEqual([5000, 5000, 600, 5000, 5000]);
    expect(fitted[3]).toEqual({ head: 'a'.repeat(2500), tail: 'z'.repeat(2500), left: 13_000 });
  });

  it('cuts tool calls next, and what was said last', () => {
    const sections = [section('other', 9000), section('tool call', 9000), section('tool result', 9000)];
    expect(lengths(fitTexts(sections, 15_000))).toEqual([9000, 5000, 1000]);
    expect(lengths(fitTexts(sections, 8000))).toEqual([5000, 2000, 1000]);
  });

  it('leaves the least of each, even where that passes the budget', () => {
    const sections = Array.from({ length: 9 }, () => section('tool result', 5000));
    expect(lengths(fitTexts(sections, 10))).toEqual(Array.from({ length: 9 }, () => 1000));
  });

  it('keeps a strict budget where the least of each would pass it: then the longest of all are cut once more', () => {
    const sections = [
      section('other', 9000),
      section('tool call', 300),
      ...Array.from({ length: 9 }, () => section('tool result', 5000)),
    ];
    expect(lengths(fitTexts(sections, 5300, true))).toEqual([500, 300, ...Array(9).fill(500)]);
    expect(lengths(fitTexts(sections, 0, true))).toEqual(Array(11).fill(0));
    // Where the least of each is not too much, strictness changes nothing.
    expect(fitTexts(sections, 15_000, true)).toEqual(fitTexts(sections, 15_000));
  });

  it('never loses a character without counting it, nor cuts one in two, nor passes the budget without need', () => {
    const kind = fc.constantFrom<SectionKind>('other', 'tool call', 'tool result');
    const text = fc.tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), fc.nat({ max: 3000 }));
    const sections = fc.array(fc.record({ kind, text: text.map(([unit, times]) => unit.repeat(times)) }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(sections, fc.nat({ max: 60_000 }), fc.boolean(), (given, budget, strict) => {
        const fitted = fitTexts(given, budget, strict);
        for (const [index, { head, tail, left }] of fitted.entries()) {
          const whole = given[index]!.text;
          expect(head.length + tail.length + left).toBe(whole.length);
          expect(whole.startsWith(head) && whole.endsWith(tail)).toBe(true);
          expect(`${head}${tail}`.isWellFormed()).toBe(whole.isWellFormed());
        }
        const shown = lengths(fitted).reduce((sum, length) => sum + length, 0);
        const whole = given.reduce((sum, { text }) => sum + text.length, 0);
        expect(shown).toBeLessThanOrEqual(strict ? budget : Math.max(budget, 12 * 4000));
        if (whole <= budget) expect(shown).toBe(whole);
      }),
      { numRuns: 50 },
    );
  });
});
