import fc from 'fast-check';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { normalCdf, normalQuantile } from '../numerics/distributions.ts';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { lanDeMets } from './lan-demets.ts';

const equal = (looks: number) => Array.from({ length: looks }, (_, k) => (k + 1) / looks);

const PATHS = 20_000;

/** How often a random walk without drift is beyond a bound at one of the looks; the information is its time. */
function crossed(looks: readonly number[], bounds: readonly number[], seed: number): number {
  const random = xoroshiro128plus(seed);
  let times = 0;
  for (let path = 0; path < PATHS; path++) {
    let score = 0;
    let before = 0;
    for (const [k, t] of looks.entries()) {
      score += Math.sqrt(t - before) * normalQuantile(Math.max(1e-15, uniformFloat64(random)));
      before = t;
      if (score / Math.sqrt(t) <= bounds[k]!) continue;
      times++;
      break;
    }
  }
  return times / PATHS;
}

describe('lanDeMets', () => {
  itMatches<{ readonly K4: number[]; readonly K5: number[] }>(
    'matches reference bounds',
    'ldObf',
    ({ K4, K5 }) => {
      lanDeMets(equal(4), 0.025).forEach((bound, k) => {
        expect(Math.abs(bound / K4[k]! - 1)).toBeLessThan(1e-9);
      });
      lanDeMets(equal(5), 0.025).forEach((bound, k) => {
        expect(Math.abs(bound / K5[k]! - 1)).toBeLessThan(1e-9);
      });
    },
  );

  it('is the fixed bound where there is one look', () => {
    expect(lanDeMets([1], 0.025)[0]).toBeCloseTo(1.959963984540054, 9);
    expect(lanDeMets([1], 0.05)[0]).toBeCloseTo(1.6448536269514722, 9);
  });

  it('spends nothing to speak of where hardly anything is known', () => {
    expect(lanDeMets([0.001, 1], 0.025)).toEqual([8, expect.closeTo(1.959963984540054, 6)]);
  });

  it('falls from look to look where the looks are evenly apart', () => {
    for (let looks = 2; looks <= 5; looks++) {
      const bounds = lanDeMets(equal(looks), 0.025);
      expect(bounds.toSorted((a, b) => b - a)).toEqual(bounds);
    }
  });

  // Bounds may rise from one look to the next where the two are close together: only the error that is spent must add up.
  it('is never below the fixed bound, and is crossed as often as alpha says', () => {
    const fractions = fc
      .uniqueArray(fc.integer({ min: 10, max: 99 }), { minLength: 1, maxLength: 3 })
      .map((some) => [...some.sort((a, b) => a - b).map((one) => one / 100), 1]);
    fc.assert(
      fc.property(fractions, fc.integer(), (looks, seed) => {
        const bounds = lanDeMets(looks, 0.025);
        for (const bound of bounds) expect(bound).toBeGreaterThan(1.9599);
        const error = Math.sqrt((0.025 * 0.975) / PATHS);
        expect(Math.abs(crossed(looks, bounds, seed) - 0.025)).toBeLessThan(5 * error);
      }),
      { numRuns: 5 },
    );
  });

  it('knows information on any scale, and takes it to be in proportion to the parts where none is given', () => {
    const parts = [0.25, 0.5, 1];
    expect(lanDeMets(parts, 0.025, [10, 20, 40])).toEqual(lanDeMets(parts, 0.025));
  });

  it('keeps alpha with error spent by the parts and information of its own', () => {
    const steps = fc.array(fc.integer({ min: 2, max: 100 }), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(steps, fc.integer(), (each, seed) => {
        const parts = equal(each.length);
        const information = each.map((_, k) => each.slice(0, k + 1).reduce((sum, step) => sum + step, 0));
        const bounds = lanDeMets(parts, 0.025, information);
        const error = Math.sqrt((0.025 * 0.975) / PATHS);
        expect(Math.abs(crossed(information, bounds, seed) - 0.025)).toBeLessThan(5 * error);
      }),
      { numRuns: 5 },
    );
  });

  it('asks for more at the end where the information came late, and for no more than once where nothing was added', () => {
    const end = (information: number[]) => lanDeMets([0.5, 0.9, 1], 0.025, information).at(-1)!;
    expect(end([1, 2, 100])).toBeGreaterThan(end([50, 90, 100]) + 0.05);
    // The last error alone, as if nothing were shared, is the most that could be asked for.
    const last = 0.025 - 2 * (1 - normalCdf(normalQuantile(1 - 0.0125) / Math.sqrt(0.9)));
    expect(end([1, 2, 100])).toBeLessThan(-normalQuantile(last));
    expect(lanDeMets([0.5, 1], 0.025, [98, 100]).at(-1)).toBeCloseTo(1.959964, 5);
  });

  it('refuses parts that do not rise, information that does not, and an alpha that is none', () => {
    for (const wrong of [[], [0.5, 0.5], [0, 1], [0.5, 1.1]])
      expect(() => lanDeMets(wrong, 0.025)).toThrow(RangeError);
    for (const wrong of [[2, 1], [0, 1], [1], [1, Number.NaN]])
      expect(() => lanDeMets([0.5, 1], 0.025, wrong)).toThrow(RangeError);
    expect(() => lanDeMets([1], 0.6)).toThrow(RangeError);
  });
});
