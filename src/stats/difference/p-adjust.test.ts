import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { benjaminiHochberg, holm } from './p-adjust.ts';

const somePValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 });

describe.each([
  { name: 'holm', adjust: holm, key: 'holm' as const },
  { name: 'benjaminiHochberg', adjust: benjaminiHochberg, key: 'BH' as const },
])('$name', ({ adjust, key }) => {
  itMatches<{ p: number[]; holm: number[]; BH: number[] }>("gives R's p.adjust", 'padjust', (vectors) => {
    const shuffled = [3, 0, 7, 5, 1, 6, 2, 4];
    const adjusted = adjust(shuffled.map((index) => vectors.p[index]!));
    shuffled.forEach((index, i) => {
      expect(adjusted[i]).toBeCloseTo(vectors[key][index]!, 12);
    });
  });

  it('never makes a p value smaller, never leaves [0, 1], keeps the order', () => {
    fc.assert(
      fc.property(somePValues, (pValues) => {
        const adjusted = adjust(pValues);
        expect(adjusted).toHaveLength(pValues.length);
        pValues.forEach((p, i) => {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p * (1 - 1e-12));
          expect(adjusted[i]).toBeLessThanOrEqual(1);
          pValues.forEach((other, j) => {
            if (p <= other) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j]!);
          });
        });
      }),
    );
  });

  it('leaves a single p value alone, and takes none', () => {
    expect(adjust([0.03])).toEqual([0.03]);
    expect(adjust([])).toEqual([]);
    expect(adjust([0, 1, 1])).toEqual([0, 1, 1]);
  });

  it('refuses what is not a p value', () => {
    for (const wrong of [-0.1, 1.1, Number.NaN]) expect(() => adjust([0.5, wrong])).toThrow(RangeError);
  });
});

describe('holm and benjaminiHochberg', () => {
  it('Holm is never the smaller of the two', () => {
    fc.assert(
      fc.property(somePValues, (pValues) => {
        const screening = benjaminiHochberg(pValues);
        holm(pValues).forEach((p, i) => {
          expect(p).toBeGreaterThanOrEqual(screening[i]! * (1 - 1e-12));
        });
      }),
    );
  });
});
