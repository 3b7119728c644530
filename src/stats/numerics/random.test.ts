import { describe, expect, test } from 'vitest';
import { indexFrom, randomSource } from './random.ts';

describe('randomSource', () => {
  test('gives the same numbers for the same seed, for ever', () => {
    const random = randomSource(42);
    expect([random.bits(), random.below(1000), random.fraction()]).toEqual(FIRST_OF_42);
    expect(randomSource(42).bits()).toBe(FIRST_OF_42[0]);
    expect(randomSource(43).bits()).not.toBe(FIRST_OF_42[0]);
  });

  test.each([2, 3, 7, 10, 1000, 1024])('draws below %d without favour', (n) => {
    const random = randomSource(n);
    const seen = new Float64Array(n);
    const draws = 200_000;
    for (let i = 0; i < draws; i++) seen[random.below(n)]!++;
    const expected = draws / n;
    const chiSquare = seen.reduce((total, count) => total + (count - expected) ** 2 / expected, 0);
    // Mean n − 1, standard deviation √(2(n − 1)); five of those are a one in a million chance.
    expect(Math.abs(chiSquare - (n - 1))).toBeLessThan(5 * Math.sqrt(2 * (n - 1)) + 5);
  });

  test('draws again where the high part alone would favour a number', () => {
    // 2³² is 1 more than a multiple of 3: the bits 0 are the one case too many, and it would go to 0.
    const scripted = (values: number[]) => () => values.shift()!;
    expect(indexFrom(scripted([0, 2 ** 31]), 3)).toBe(1);
    expect(indexFrom(scripted([1, 2 ** 31]), 3)).toBe(0);
    expect(indexFrom(scripted([0]), 4)).toBe(0);
    expect(indexFrom(scripted([2 ** 32 - 1]), 1000)).toBe(999);
  });

  test('has fractions in [0, 1) with mean a half', () => {
    const random = randomSource(1);
    const fractions = Float64Array.from({ length: 100_000 }, random.fraction);
    expect(fractions.every((fraction) => fraction >= 0 && fraction < 1)).toBe(true);
    const total = fractions.reduce((sum, fraction) => sum + fraction, 0);
    expect(Math.abs(total / 100_000 - 0.5)).toBeLessThan(5 / Math.sqrt(12 * 100_000));
  });

  test('neighbouring seeds have nothing to do with each other', () => {
    const first = Array.from({ length: 2000 }, (_, seed) => randomSource(seed).fraction());
    const products = first.slice(1).map((value, i) => (value - 0.5) * (first[i]! - 0.5) * 12);
    const correlation = products.reduce((total, product) => total + product, 0) / products.length;
    expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(2000));
  });

  test('tells all safe integers apart, and refuses what is none', () => {
    const seeds = [0, 1, -1, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 52, -(2 ** 52), Number.MAX_SAFE_INTEGER];
    expect(new Set(seeds.map((seed) => randomSource(seed).bits())).size).toBe(seeds.length);
    for (const seed of [0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => randomSource(seed)).toThrow(/is not a safe integer/);
    }
  });
});

const FIRST_OF_42 = [3178835261, 180, 0.08013887285649657];
