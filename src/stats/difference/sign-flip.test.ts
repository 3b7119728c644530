import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectRelative } from '../numerics/closeness.fixture.ts';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { clusteredData, shuffled } from '../rate/clustered.fixture.ts';
import { signFlip } from './sign-flip.ts';

interface ShareVectors {
  readonly base: readonly number[];
  readonly sft: readonly number[];
  readonly prod: readonly number[];
  readonly cluster: readonly number[];
  readonly signFlipP_base_to_sft: number;
  readonly signFlipP_sft_vs_prod: number;
}

const OPTIONS = { flips: 10_000, seed: 1 };

itMatches<ShareVectors>('the reference values', 'stageShare', ({ base, sft, prod, cluster, ...expected }) => {
  const minus = (a: readonly number[], b: readonly number[]) => a.map((value, i) => value - b[i]!);
  expectRelative(signFlip(minus(base, sft), cluster, OPTIONS).p, expected.signFlipP_base_to_sft, 1e-12);
  expectRelative(signFlip(minus(sft, prod), cluster, OPTIONS).p, expected.signFlipP_sft_vs_prod, 1e-12);
});

describe('signFlip', () => {
  test('all clusters one way: 2^(1−G)', () => {
    expect(signFlip([1, 1, 1, 1, 1], [1, 2, 3, 4, 5], OPTIONS)).toEqual({
      p: 2 / 32,
      flips: 32,
      exhaustive: true,
    });
  });

  test('by hand: sums 3, 1, −1', () => {
    // |±3 ±1 ±1| is 5, 3, 3 or 1, each with both signs; the observed 3 is reached by six of eight.
    expect(signFlip([3, 1, -1], ['a', 'b', 'c'], OPTIONS).p).toBe(6 / 8);
  });

  test('ties count as reached though their digits differ', () => {
    // Every pattern of equal sums with two ups and one down ties with the observed one.
    expect(signFlip([0.1, 0.2, -0.3, 0.3], [1, 1, 2, 3], OPTIONS).p).toBe(1);
  });

  test('clusters that sum to zero do not matter, and make no count impossible', () => {
    const zeros = new Array(200).fill(0);
    const clusters = zeros.map((_, i) => i + 10);
    const with200 = signFlip([1, 1, 1, ...zeros], [1, 2, 3, ...clusters], OPTIONS);
    expect(with200).toEqual(signFlip([1, 1, 1], [1, 2, 3], OPTIONS));
  });

  test('nothing changed: p is 1', () => {
    expect(signFlip([0, 0, 0], [1, 2, 3], OPTIONS)).toEqual({ p: 1, flips: 1, exhaustive: true });
    expect(signFlip([1, -1], ['a', 'a'], OPTIONS).p).toBe(1);
  });

  test('one cluster shows nothing', () => {
    expect(signFlip([1, 1, 1], ['a', 'a', 'a'], OPTIONS).p).toBe(1);
  });

  test('drawn patterns come near to counting all, are never 0 and the same for a seed', () => {
    const d = [...Array(16).keys()].map((i) => (i % 5) - 1.5);
    const clusters = d.keys().toArray();
    const exact = signFlip(d, clusters, { flips: 2 ** 16, seed: 1 });
    const drawn = signFlip(d, clusters, { flips: 2 ** 15, seed: 1 });
    expect([exact.exhaustive, drawn.exhaustive]).toEqual([true, false]);
    expect(Math.abs(drawn.p - exact.p)).toBeLessThan(5 * Math.sqrt((exact.p * (1 - exact.p)) / 2 ** 15));
    expect(signFlip(d, clusters, { flips: 2 ** 15, seed: 1 })).toEqual(drawn);
    const ones = new Array(40).fill(1);
    expect(signFlip(ones, ones.keys().toArray(), { flips: 999, seed: 1 }).p).toBe(1 / 1000);
  });

  test('is two-sided, and does not care for order, names or scale', () => {
    fc.assert(
      fc.property(clusteredData(-1, 1), (data) => {
        const { p } = signFlip(data.values, data.clusters, OPTIONS);
        const again = shuffled(data);
        expect(signFlip(again.values, again.clusters, OPTIONS).p).toBe(p);
        const swapped = data.values.map((value) => -3 * value);
        expect(signFlip(swapped, data.clusters, OPTIONS).p).toBe(p);
        expect(p).toBeGreaterThan(0);
        expect(p).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('refuses no values and numbers of flips that are none', () => {
    expect(() => signFlip([], [], OPTIONS)).toThrow(/there are no values/);
    expect(() => signFlip([1], [1], { flips: 0, seed: 1 })).toThrow(/0 is not a number of flips/);
  });
});
