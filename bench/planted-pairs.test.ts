import { describe, expect, test } from 'vitest';
import { randomSource } from '../src/stats/index.ts';
import { drawPairs, plantedCorrelations, unequalSizes } from './planted-pairs.ts';

describe.each([
  { from: 0.05, to: 0.15, icc: 0.3, shared: 0.5 },
  { from: 0.5, to: 0.5, icc: 0.1, shared: 0.5 },
  { from: 0.3, to: 0.3, icc: 0, shared: 0.5 },
])('planted pairs %j', (truth) => {
  const sizes = new Array(60_000).fill(2);
  const { first, second } = drawPairs({ ...truth, sizes }, randomSource(1));
  const n = first.length;
  const average = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / n;

  test('have the planted rates', () => {
    const error = 5 * Math.sqrt((0.25 * (1 + truth.icc)) / n);
    expect(Math.abs(average(first) - truth.from)).toBeLessThan(error);
    expect(Math.abs(average(second) - truth.to)).toBeLessThan(error);
  });

  test('have the planted correlation within clusters, in both stages', () => {
    for (const [arm, rate] of [[first, truth.from] as const, [second, truth.to] as const]) {
      const products = Float64Array.from(
        { length: n / 2 },
        (_, g) => (arm[2 * g]! - rate) * (arm[2 * g + 1]! - rate),
      );
      const found = products.reduce((a, b) => a + b, 0) / products.length / (rate * (1 - rate));
      expect(Math.abs(found - truth.icc)).toBeLessThan(0.05);
    }
  });

  test('are paired as the planner is told', () => {
    if (truth.from !== truth.to) return;
    const { correlation } = plantedCorrelations({ ...truth, sizes }, randomSource(2));
    const products = first.map((a, i) => a * second[i]!);
    const found = (average(products) - truth.from ** 2) / (truth.from * (1 - truth.from));
    expect(Math.abs(found - correlation)).toBeLessThan(0.03);
  });
});

test('unequalSizes are five on average', () => {
  expect(unequalSizes(3)).toEqual([5, 2, 8]);
  expect(unequalSizes(70).reduce((a, b) => a + b, 0)).toBe(350);
});
