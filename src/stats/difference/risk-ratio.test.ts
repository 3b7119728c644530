import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalQuantile } from '../numerics/distributions.ts';
import { riskRatio } from './risk-ratio.ts';

const k = normalQuantile(0.975);

describe('the ratio of two paired rates', () => {
  // scipy: the constrained likelihood maximised numerically, the limits found by brentq.
  test.each([
    [{ both: 0, up: 14 / 600, down: 2 / 600 }, 600, 7, [1.7760175, 27.589818]],
    [{ both: 0.1, up: 0.05, down: 0.08 }, 200, 0.8333333, [0.6048588, 1.1340876]],
    [{ both: 0.02, up: 0.1, down: 0.01 }, 150, 4, [1.7470398, 9.8220619]],
  ])('%#', (shares, n, estimate, [low, high]) => {
    const found = riskRatio(shares, n, k);
    expect(found.estimate).toBeCloseTo(estimate, 6);
    expect(found.interval[0] / low!).toBeCloseTo(1, 6);
    expect(found.interval[1] / high!).toBeCloseTo(1, 6);
  });

  test('is open upwards where nothing was seen first, and 0 where nothing came', () => {
    expect(riskRatio({ both: 0, up: 0.1, down: 0 }, 100, k)).toMatchObject({
      estimate: Number.POSITIVE_INFINITY,
      interval: [expect.any(Number), Number.POSITIVE_INFINITY],
    });
    expect(riskRatio({ both: 0, up: 0, down: 0.1 }, 100, k).interval[0]).toBe(0);
    expect(riskRatio({ both: 0, up: 0, down: 0 }, 100, k)).toEqual({
      estimate: null,
      interval: [0, Number.POSITIVE_INFINITY],
    });
  });

  test('turned round it is one over', () => {
    const share = fc.integer({ min: 1, max: 30 });
    fc.assert(
      fc.property(share, share, share, (both, up, down) => {
        const shares = { both: both / 100, up: up / 100, down: down / 100 };
        const there = riskRatio(shares, 100, k);
        const back = riskRatio({ ...shares, up: shares.down, down: shares.up }, 100, k);
        expect(back.estimate! * there.estimate!).toBeCloseTo(1, 9);
        expect(back.interval[0] * there.interval[1]).toBeCloseTo(1, 6);
      }),
    );
  });

  test('refuses what are not shares', () => {
    expect(() => riskRatio({ both: 0.5, up: 0.5, down: 0.5 }, 10, k)).toThrow(RangeError);
    expect(() => riskRatio({ both: 0, up: -0.1, down: 0 }, 10, k)).toThrow(RangeError);
  });
});
