import { describe, expect, it } from 'vitest';
import { durationText } from './duration.ts';
import { compact, count, dollars, speed } from './number.ts';
import { equivalenceP } from './p-value.ts';
import { reached } from './percent.ts';
import { counted } from './words.ts';

describe('numbers of a run', () => {
  it('groups counts', () => {
    expect([count(0), count(1234567), counted(1, 'trial'), counted(1200, 'trial')]).toEqual([
      '0',
      '1,234,567',
      '1 trial',
      '1,200 trials',
    ]);
  });

  it('gives tokens three digits', () => {
    expect([0, 947, 1000, 12_345, 999_499, 999_500, 4_560_000, 2e9].map(compact)).toEqual([
      '0',
      '947',
      '1.00 k',
      '12.3 k',
      '999 k',
      '1.00 M',
      '4.56 M',
      '2.00 G',
    ]);
  });

  it('gives dollars as many digits as matter', () => {
    expect([0, 0.0042, 0.5, 0.999, 3.214, 1204.4].map(dollars)).toEqual([
      '$0.00',
      '$0.0042',
      '$0.50',
      '$1.00',
      '$3.21',
      '$1,204',
    ]);
  });

  it('gives durations in at most two units', () => {
    expect(
      [
        0,
        340,
        999.7,
        8_512,
        9_999,
        42_000,
        59_700,
        200_000,
        3_599_600,
        3_900_000,
        86_400_000 * 2 + 3_600_000 * 3,
      ].map(durationText),
    ).toEqual([
      '0 ms',
      '340 ms',
      '1 s',
      '8.5 s',
      '10 s',
      '42 s',
      '1 min',
      '3 min 20 s',
      '1 h',
      '1 h 5 min',
      '2 d 3 h',
    ]);
  });

  it('gives rates in the unit that has a number to it', () => {
    expect([2345, 212, 3.44, 0.05, 0.001].map(speed)).toEqual([
      '2,345/s',
      '212/s',
      '3.4/s',
      '3.0/min',
      '3.6/h',
    ]);
  });

  it('gives the percents that were reached, never nothing for something', () => {
    expect([
      reached(0, 9),
      reached(1, 1344),
      reached(149, 4293),
      reached(29, 100),
      reached(999_999, 1e6),
      reached(5, 5),
    ]).toEqual(['0%', '< 1%', '3%', '29%', '99%', '100%']);
    expect(reached(0, 0)).toBe('–');
  });
});

it('never writes p = 1.00 of an equivalence that is not shown', () => {
  expect(equivalenceP(0.012)).toBe('0.012');
  expect(equivalenceP(0.99)).toBe('not shown');
  expect(equivalenceP(null)).toBe('—');
});
