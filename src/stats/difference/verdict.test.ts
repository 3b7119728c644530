import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Interval } from '../numerics/interval.ts';
import { smallestEquivalenceMargin } from './equivalence-margin.ts';
import { VERDICTS, verdict } from './verdict.ts';

const MARGIN = 0.05;

describe('verdict', () => {
  test.each<[string, Interval, Interval[]]>([
    [
      'equivalent',
      [-0.03, 0.04],
      [
        [-0.02, 0.03],
        [-0.03, 0.04],
      ],
    ],
    [
      'equivalent',
      [-0.06, 0.01],
      [
        [-0.05, 0.0],
        [-0.04, 0.01],
      ],
    ],
    [
      'different but within the margin',
      [0.01, 0.04],
      [
        [0.015, 0.035],
        [0.01, 0.04],
      ],
    ],
    [
      'different',
      [0.01, 0.09],
      [
        [0.02, 0.08],
        [0.02, 0.08],
      ],
    ],
    [
      'different',
      [-0.12, -0.05],
      [
        [-0.11, -0.06],
        [-0.11, -0.06],
      ],
    ],
    [
      'materially different',
      [0.051, 0.2],
      [
        [0.06, 0.19],
        [0.06, 0.19],
      ],
    ],
    [
      'materially different',
      [-0.3, -0.06],
      [
        [-0.29, -0.07],
        [-0.29, -0.07],
      ],
    ],
    [
      'inconclusive',
      [-0.02, 0.09],
      [
        [-0.01, 0.08],
        [-0.01, 0.08],
      ],
    ],
  ])('%s: %j', (expected, interval95, interval90s) => {
    expect(verdict({ interval95, interval90s, margin: MARGIN })).toBe(expected);
  });

  test('is equivalent only where both methods say so', () => {
    const inside: Interval = [-0.02, 0.02];
    const outside: Interval = [-0.06, 0.06];
    expect(verdict({ interval95: inside, interval90s: [inside, outside], margin: MARGIN })).toBe(
      'inconclusive',
    );
    expect(verdict({ interval95: inside, interval90s: [inside, inside], margin: MARGIN })).toBe('equivalent');
  });

  const ends = fc
    .tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([centre, half]): [number, number] => [centre - half, centre + half]);
  const margins = fc.double({ min: 0.001, max: 1, noNaN: true });

  test('does not depend on which arm is called the first', () => {
    fc.assert(
      fc.property(ends, ends, margins, ([a, b], [c, d], margin) => {
        const there = verdict({ interval95: [a, b], interval90s: [[c, d]], margin });
        expect(verdict({ interval95: [-b, -a], interval90s: [[-d, -c]], margin })).toBe(there);
        expect(VERDICTS).toContain(there);
      }),
    );
  });

  test('shows equivalence from the smallest margin on, and not below it', () => {
    fc.assert(
      fc.property(ends, ends, ([a, b], other) => {
        const inner: Interval = [(3 * a + b) / 4, (a + 3 * b) / 4];
        const evidence = { interval95: [a, b] as Interval, interval90s: [inner, other] };
        const smallest = smallestEquivalenceMargin(evidence.interval90s);
        fc.pre(smallest > 1e-6);
        const shown = ['equivalent', 'different but within the margin'];
        expect(shown).toContain(verdict({ ...evidence, margin: smallest }));
        expect(shown).not.toContain(verdict({ ...evidence, margin: smallest * (1 - 1e-9) }));
      }),
    );
  });

  test('refuses a margin of nothing, and what is not an interval', () => {
    const interval: Interval = [-1, 1];
    expect(() => verdict({ interval95: interval, interval90s: [interval], margin: 0 })).toThrow(/margin = 0/);
    expect(() => verdict({ interval95: [1, -1], interval90s: [interval], margin: 1 })).toThrow(/no number/);
    expect(() => verdict({ interval95: [Number.NaN, 1], interval90s: [interval], margin: 1 })).toThrow(
      RangeError,
    );
    expect(() => verdict({ interval95: interval, interval90s: [], margin: 1 })).toThrow(/no intervals/);
  });
});
