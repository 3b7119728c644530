import { describe, expect, test } from 'vitest';
import { sampleChance } from './chance.ts';

const N = 20_000;

/** Shares of the ten tenths of [0, 1) that numbers fall into. */
function tenths(numbers: readonly number[]): number[] {
  const counts = new Array<number>(10).fill(0);
  for (const number of numbers) counts[Math.floor(number * 10)]!++;
  return counts.map((count) => count / numbers.length);
}

describe('the stream of a sample', () => {
  test.each([
    ['seeds 0, 1, 2, …', (i: number) => i],
    ['seeds all over [0, 2³¹)', (i: number) => (i * 107_374) % 2 ** 31],
    ['large seeds', (i: number) => 2 ** 40 + i],
  ])('%s: its first draws are uniform over seeds, and the second do not depend on the first', (_, seedOf) => {
    const draws = Array.from({ length: N }, (_, i) => {
      const chance = sampleChance(seedOf(i));
      return [chance.number(), chance.number()] as const;
    });
    const secondAfterLow = draws.filter(([first]) => first < 0.2).map(([, second]) => second);
    for (const share of tenths(draws.map(([first]) => first)))
      expect(Math.abs(share - 0.1)).toBeLessThan(0.012);
    for (const share of tenths(secondAfterLow)) expect(Math.abs(share - 0.1)).toBeLessThan(0.025);
  });

  test('is the same for the same seed', () => {
    expect(sampleChance(7).number()).toBe(sampleChance(7).number());
  });
});
