import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationMs, durationText } from './duration.ts';

describe('durationMs', () => {
  it.each([
    [90, 90_000],
    [0.5, 500],
    ['90s', 90_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['1h30m', 5_400_000],
    ['1 h 30 m', 5_400_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
    ['250ms', 250],
  ])('reads %j', (duration, ms) => {
    expect(durationMs(duration)).toBe(ms);
  });

  it.each([
    0,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '',
    '2',
    '2 hours',
    'h',
    '-2h',
    '0s',
    null,
    undefined,
    {},
    true,
  ])('refuses %j', (duration) => {
    expect(durationMs(duration)).toBeNull();
  });
});

describe('durationText', () => {
  it.each([
    [1, '1 ms'],
    [59_000, '59 s'],
    [61_000, '1 min 1 s'],
    [3_600_000, '1 h'],
    [5_400_000, '1 h 30 min'],
    [90_061_000, '1 d 1 h'],
  ])('writes %i ms', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  it('is read back to within the larger of its two units', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 1e9 }), (ms) => {
        const back = durationMs(durationText(ms).replaceAll('min', 'm'))!;
        expect(Math.abs(back - ms)).toBeLessThanOrEqual(Math.max(500, ms * 0.05));
      }),
    );
  });
});
