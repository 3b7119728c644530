import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FiellerSet, fieller } from './fieller.ts';

/** Whether a ratio belongs to the set by its definition: (U − ρV)² ≤ t²·Var(U − ρV). */
function belongs(
  u: number,
  v: number,
  uu: number,
  vv: number,
  uv: number,
  t: number,
  ratio: number,
): boolean {
  return (u - ratio * v) ** 2 <= t * t * (uu - 2 * ratio * uv + ratio * ratio * vv);
}

function contains(set: FiellerSet, ratio: number): boolean {
  if (set.kind === 'line') return true;
  if (set.kind === 'bounded') return ratio >= set.interval[0] && ratio <= set.interval[1];
  return ratio <= set.outside[0] || ratio >= set.outside[1];
}

const number = fc.double({ min: -5, max: 5, noNaN: true });
const spread = fc.double({ min: 0.05, max: 2, noNaN: true });

describe('fieller', () => {
  it('is the interval of a plain quotient when the denominator is known', () => {
    expect(fieller(3, 2, { numerator: 1, denominator: 0, between: 0 }, 2)).toEqual({
      kind: 'bounded',
      interval: [0.5, 2.5],
    });
  });

  it('is one point when nothing is uncertain', () => {
    expect(fieller(0, 2, { numerator: 0, denominator: 0, between: 0 }, 2)).toEqual({
      kind: 'bounded',
      interval: [0, 0],
    });
  });

  it('says when it is unbounded: two rays, or the whole line', () => {
    // t²·Var(V) = 4 ≥ V² = 1
    const rays = fieller(10, 1, { numerator: 1, denominator: 1, between: 0 }, 2);
    expect(rays.kind).toBe('two rays');
    expect(contains(rays, 10)).toBe(true);
    expect(contains(rays, 0)).toBe(false);
    expect(fieller(1, 1, { numerator: 1, denominator: 1, between: 0 }, 2)).toEqual({ kind: 'line' });
    expect(fieller(1, 0, { numerator: 1, denominator: 0, between: 0 }, 2)).toEqual({ kind: 'line' });
  });

  it('holds exactly the ratios that the definition holds, the estimate among them', () => {
    fc.assert(
      fc.property(
        number,
        number,
        spread,
        spread,
        fc.double({ min: -0.95, max: 0.95, noNaN: true }),
        number,
        (u, v, su, sv, correlation, ratio) => {
          const covariance = { numerator: su * su, denominator: sv * sv, between: correlation * su * sv };
          const set = fieller(u, v, covariance, 2);
          if (v !== 0) expect(contains(set, u / v)).toBe(true);
          const ends = set.kind === 'bounded' ? set.interval : set.kind === 'two rays' ? set.outside : [];
          if (ends.some((end) => Math.abs(end - ratio) < 1e-6)) return;
          const { numerator: uu, denominator: vv, between: uv } = covariance;
          expect(contains(set, ratio)).toBe(belongs(u, v, uu, vv, uv, 2, ratio));
        },
      ),
    );
  });

  it('is bounded exactly if the denominator is significant at the same level', () => {
    fc.assert(
      fc.property(number, number, spread, (u, v, sv) => {
        const set = fieller(u, v, { numerator: 1, denominator: sv * sv, between: 0 }, 2);
        expect(set.kind === 'bounded').toBe(v * v - 4 * sv * sv > 0);
      }),
    );
  });
});
