import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalsFor, type Notation, notation } from './notation.ts';
import { count, fixed, signed } from './number.ts';
import { pInWords, pValue } from './p-value.ts';
import { percent, percentInterval } from './percent.ts';
import { counted, inSentence, listed } from './words.ts';

type Interval = readonly [number, number];

function withIntervals(kind: 'rate' | 'score', intervals: readonly Interval[]): Notation {
  return notation(kind, decimalsFor(kind, intervals));
}

describe('notation', () => {
  it('writes rates in per cent and their differences in points', () => {
    const rate = withIntervals('rate', [[0.2, 0.26]]);
    expect(rate.value(0.2962)).toBe('29.6%');
    expect(rate.interval([0.2418, 0.3561])).toBe('[24.2, 35.6]');
    expect(rate.change(-0.0314)).toBe('−3.1');
    expect(rate.changeInWords(0.124)).toBe('+12.4 points');
    expect(rate.changeInterval([-0.0004, 0.1])).toBe('[0.0, +10.0]');
    expect(rate.size(-0.05)).toBe('5 points');
    expect(rate.within(0.0824)).toBe('±8.2');
    expect(rate.exactly.size(0.03614)).toBe('3.61 points');
    expect(rate.exactly.value(0.162162)).toBe('16.22%');
    expect(rate.tick(0.2)).toBe('20%');
    expect(rate.changeTick(0.025)).toBe('+2.5');
  });

  it('writes scores as they are', () => {
    const score = withIntervals('score', [[1.2, 1.9]]);
    expect(score.value(1.5688)).toBe('1.57');
    expect(score.changeInWords(-0.3)).toBe('−0.30');
    expect(score.size(0.25)).toBe('0.25');
    expect(score.exactly.value(1.56875)).toBe('1.5688');
    expect(score.unit).toBeNull();
  });

  it('gives half-widths two significant digits', () => {
    expect(withIntervals('rate', [[0.1, 0.103]]).value(0.1013)).toBe('10.13%');
    expect(withIntervals('rate', [[0.1, 0.4]]).value(0.1013)).toBe('10.1%');
    expect(withIntervals('score', [[10, 30]]).value(20.123)).toBe('20.1');
    expect(withIntervals('score', [[0.01, 0.014]]).value(0.0123)).toBe('0.0123');
  });

  it('has a dash for what was not measured, never a zero', () => {
    const rate = withIntervals('rate', []);
    for (const written of [
      rate.value(null),
      rate.interval(null),
      rate.change(null),
      rate.size(null),
      rate.exactly.value(null),
      percent(null),
      pValue(null),
    ]) {
      expect(written).toBe('—');
    }
    expect(rate.value(0)).toBe('0.0%');
  });
});

describe('numbers in words', () => {
  it('rounds halves up although 0.2875 · 100 is a little less than 28.75', () => {
    expect(fixed(0.2875 * 100, 1)).toBe('28.8');
    expect(fixed(0.3625 * 100, 1)).toBe('36.3');
  });

  it('uses a true minus and never writes minus zero', () => {
    expect(fixed(-1.26, 1)).toBe('−1.3');
    expect(signed(-0.001, 1)).toBe('0.0');
    expect(signed(0.04, 2)).toBe('+0.04');
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.nat(4), (x, decimals) => {
        const text = signed(x, decimals);
        expect(text).not.toContain('-');
        expect(Math.abs(Number(text.replace('−', '-').replace('+', '')) - x)).toBeLessThanOrEqual(
          0.5000001 * 10 ** -decimals,
        );
      }),
    );
  });

  it('never says all or none of what is nearly so', () => {
    expect([1, 0.996, 0.5, 0.004, 0].map(percent)).toEqual(['100%', '99.6%', '50%', '0.4%', '0%']);
    expect(percentInterval([-0.2, 1.12])).toBe('[−20, 112]');
  });

  it('writes p values', () => {
    expect([0.0002, 0.0123, 0.41, 1].map(pValue)).toEqual(['< 0.001', '0.012', '0.41', '1.00']);
    expect(pInWords(0.0002)).toBe('p < 0.001');
    expect(pInWords(0.03)).toBe('p = 0.030');
  });

  it('counts and lists', () => {
    expect([0, 999, 1000, 1234567].map(count)).toEqual(['0', '999', '1,000', '1,234,567']);
    expect(counted(1, 'trial')).toBe('1 trial');
    expect(counted(1350, 'trial')).toBe('1,350 trials');
    expect(listed([])).toBe('');
    expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
  });
});

it('begins a title in a sentence small, but not an abbreviation', () => {
  expect(['Over-refusal', 'KPI gaming', 'A priori', 'misuse'].map(inSentence)).toEqual([
    'over-refusal',
    'KPI gaming',
    'a priori',
    'misuse',
  ]);
});
