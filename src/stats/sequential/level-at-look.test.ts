import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalCdf } from '../numerics/distributions.ts';
import { lanDeMets } from './lan-demets.ts';
import { differentLooks, type InformedLook, levelAtLook } from './level-at-look.ts';

const look = (part: number, values: number, standardError: number | null): InformedLook => ({
  ...{ part, values, standardError },
});

describe('differentLooks', () => {
  it('has the information that the standard errors show', () => {
    const looks = [look(0.25, 100, 2), look(0.5, 200, 1.5), look(1, 400, 1)];
    // (1/1.5)² is 0.444, and (1.5/2)² of it.
    expect(differentLooks(looks)).toEqual({
      parts: [0.25, 0.5, 1],
      information: [expect.closeTo(0.44 * 0.56, 12), 0.44, 1],
    });
  });

  it('counts values where an error is not known, was 0, or has grown', () => {
    for (const [before, after] of [
      [null, 1],
      [0, 1],
      [0.5, 1],
      [1, 0],
    ] as const) {
      const { information } = differentLooks([look(0.5, 100, before), look(1, 400, after)]);
      expect(information).toEqual([0.25, 1]);
    }
  });

  it('is one look where two saw the same, and never takes them for almost the same', () => {
    const first = look(0.2, 50, 2);
    const same = [first, look(0.5, 100, 1), look(0.8, 100, 1), look(1, 100, 1)];
    expect(differentLooks(same)).toEqual(differentLooks([first, look(1, 100, 1)]));
    expect(differentLooks([look(0.5, 999, 1), look(1, 1000, 1)]).information).toEqual([0.98, 1]);
    expect(differentLooks([look(0.5, 999, 1.0001), look(1, 1000, 1)]).information).toEqual([0.98, 1]);
    // Labels that came between the looks add information to the same answers.
    expect(differentLooks([look(0.5, 100, 2), look(1, 100, 1)]).information).toEqual([0.25, 1]);
  });
});

describe('levelAtLook', () => {
  it('is the bound of Lan and DeMets as a level', () => {
    const looks = [0.25, 0.5, 0.75, 1].map((part) => look(part, 100 * part, 1 / Math.sqrt(part)));
    const bound = lanDeMets([0.25, 0.5, 0.75, 1], 0.025).at(-1)!;
    expect(levelAtLook(looks, 0.025)).toBeCloseTo(2 * normalCdf(bound) - 1, 3);
    expect(levelAtLook([look(1, 10, 1)], 0.05)).toBeCloseTo(0.9, 9);
    // A look alone at half of the work has spent nothing before.
    expect(levelAtLook([look(0.5, 10, 1)], 0.025)).toBeCloseTo(
      2 * normalCdf(lanDeMets([0.5, 1], 0.025)[0]!) - 1,
      9,
    );
  });

  it('is never below the level of one look, whatever errors were seen', () => {
    const seen = fc.record({
      values: fc.integer({ min: 1, max: 500 }),
      standardError: fc.option(fc.double({ min: 0, max: 10, noNaN: true })),
    });
    fc.assert(
      fc.property(fc.array(seen, { minLength: 1, maxLength: 5 }), (each) => {
        const looks = each.map((one, k) => ({ ...one, part: (k + 1) / each.length }));
        const level = levelAtLook(looks, 0.025);
        expect(level).toBeGreaterThan(0.95 - 1e-6);
        expect(level).toBeLessThan(1);
      }),
    );
  });

  it('refuses no look, and a look without a value', () => {
    expect(() => levelAtLook([], 0.025)).toThrow(RangeError);
    expect(() => levelAtLook([look(0.5, 0, 1), look(1, 10, 1)], 0.025)).toThrow(RangeError);
  });
});
