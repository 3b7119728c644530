import { describe, expect, test } from 'vitest';
import { randomSource } from '../numerics/random.ts';
import { jointSignFlips } from './joint-flips.ts';
import { signFlip } from './sign-flip.ts';

const flips = { flips: 1999, seed: 1 };

describe('joint sign flips', () => {
  test('of one comparison are the sign-flip test', () => {
    const sums = Float64Array.from([3, -1, 4, 2, 9, -2, 1, 5]);
    const { p } = signFlip(sums, Array.from(sums.keys()), { flips: 9999, seed: 1 });
    expect(jointSignFlips([{ sums, block: 0 }], flips)).toEqual([p]);
  });

  test('of the same comparison twice cost nothing, unlike Holm', () => {
    const sums = Float64Array.from([3, 1, 4, 2, 9, 2]);
    expect(
      jointSignFlips(
        [
          { sums, block: 0 },
          { sums, block: 0 },
        ],
        flips,
      ),
    ).toEqual([1 / 32, 1 / 32]);
  });

  test('step down: what is found first no longer counts against the rest, and order decides nothing', () => {
    const random = randomSource(3);
    const noise = () => Float64Array.from({ length: 40 }, () => random.fraction() - 0.5);
    const strong = noise().map((value) => value + 2);
    const family = [noise(), strong, noise(), noise()].map((sums) => ({ sums, block: 0 }));
    const found = jointSignFlips(family, flips);
    expect(found[1]).toBe(1 / 2000);
    const turned = jointSignFlips([...family].reverse(), flips).reverse();
    expect(turned).toEqual(found);
    const without = jointSignFlips(
      family.filter((_, i) => i !== 1),
      flips,
    );
    expect([found[0], found[2], found[3]]).toEqual(without);
  });

  test('claim falsely in one family of twenty, though it has 25 comparisons that hang together', () => {
    const random = randomSource(11);
    let claims = 0;
    const runs = 300;
    for (let run = 0; run < runs; run++) {
      const common = Float64Array.from({ length: 30 }, () => random.fraction() - 0.5);
      const family = Array.from({ length: 25 }, () => ({
        sums: common.map((value) => value + random.fraction() - 0.5),
        block: 0,
      }));
      if (Math.min(...jointSignFlips(family, { flips: 199, seed: run })) < 0.05) claims++;
    }
    // Four Monte-Carlo errors.
    expect(claims / runs).toBeLessThan(0.05 + 4 * Math.sqrt((0.05 * 0.95) / runs));
  });

  test('blocks are flipped apart, and flips are asked for', () => {
    const sums = Float64Array.from([3, 1, 4, 2, 9, 2, 7, 5]);
    const [a, b] = jointSignFlips(
      [
        { sums, block: 0 },
        { sums, block: 1 },
      ],
      flips,
    );
    expect(a).toBe(b);
    expect(a).toBeLessThan(0.03);
    expect(() => jointSignFlips([{ sums, block: 0 }], { flips: 0, seed: 1 })).toThrow(RangeError);
  });
});
