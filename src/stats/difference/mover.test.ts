import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wilson } from '../rate/wilson.ts';
import { mover } from './mover.ts';

const Z = 1.959963984540054;
const rate = (events: number, n: number) => ({
  estimate: events / n,
  interval: wilson(events / n, n, Z),
});

describe('mover', () => {
  it("is Newcombe's interval of independent rates (statsmodels 0.15, confint_proportions_2indep, newcomb)", () => {
    const [low, high] = mover(rate(48, 80), rate(56, 70));
    expect(low).toBeCloseTo(0.05243147240236498, 9);
    expect(high).toBeCloseTo(0.33387265403690614, 9);
    const [none, some] = mover(rate(2, 40), rate(0, 30));
    expect(none).toBeCloseTo(-0.16503877369140968, 9);
    expect(some).toBeCloseTo(0.06913955908199315, 9);
  });

  it('holds the difference, and turns with it', () => {
    const one = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(one, one, ([n, p], [m, q]) => {
        const [a, b] = [rate(Math.round(p * n), n), rate(Math.round(q * m), m)];
        const [low, high] = mover(a, b);
        expect(low).toBeLessThanOrEqual(b.estimate - a.estimate);
        expect(high).toBeGreaterThanOrEqual(b.estimate - a.estimate);
        const turned = mover(b, a);
        expect(turned[0]).toBeCloseTo(-high, 12);
        expect(turned[1]).toBeCloseTo(-low, 12);
      }),
    );
  });
});
