import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { shapley } from './factorial.ts';

interface Vectors {
  readonly v: Record<'o' | 'a' | 'b' | 'c' | 'ab' | 'ac' | 'bc' | 'abc', number>;
  readonly shapley: number[];
}

const inOrder = ({ v }: Vectors) => [v.o, v.a, v.b, v.ab, v.c, v.ac, v.bc, v.abc];

const someOutcomes = fc
  .integer({ min: 1, max: 5 })
  .chain((k) =>
    fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 2 ** k, maxLength: 2 ** k }),
  );

/** The definition: what a factor adds, averaged over every order of switching them on. */
function shapleyByOrders(values: readonly number[]): number[] {
  const factors = Math.log2(values.length);
  const totals = new Array<number>(factors).fill(0);
  let orders = 0;
  const visit = (subset: number, changes: readonly (readonly [number, number])[]) => {
    if (changes.length === factors) {
      orders++;
      for (const [factor, change] of changes) totals[factor]! += change;
      return;
    }
    for (let factor = 0; factor < factors; factor++) {
      const next = subset | (1 << factor);
      if (next !== subset) visit(next, [...changes, [factor, values[next]! - values[subset]!]]);
    }
  };
  visit(0, []);
  return totals.map((total) => total / orders);
}

describe('a factorial', () => {
  itMatches<Vectors>('gives the reference values', 'factorial', (vectors) => {
    shapley(inOrder(vectors)).forEach((value, i) => {
      expect(value).toBeCloseTo(vectors.shapley[i]!, 11);
    });
  });

  it('with one factor is what that factor changes', () => {
    expect(shapley([0.25, 0.75])).toEqual([0.5]);
  });

  it('with no change has no effects', () => {
    const constant = new Array(8).fill(0.3);
    expect(shapley(constant)).toEqual([0, 0, 0]);
  });

  it('Shapley values are averages over orders, and sum to the whole change', () => {
    fc.assert(
      fc.property(someOutcomes, (values) => {
        const actual = shapley(values);
        shapleyByOrders(values).forEach((value, i) => {
          expect(actual[i]).toBeCloseTo(value, 10);
        });
        const total = actual.reduce((sum, value) => sum + value, 0);
        expect(total).toBeCloseTo(values.at(-1)! - values[0]!, 10);
      }),
    );
  });

  it('of added-up factors gives back each of them', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 2, maxLength: 5 }), (effects) => {
        const values = Array.from({ length: 2 ** effects.length }, (_, subset) =>
          effects.reduce((sum, effect, factor) => sum + (subset & (1 << factor) ? effect : 0), 0),
        );
        effects.forEach((effect, factor) => {
          expect(shapley(values)[factor]).toBeCloseTo(effect, 10);
        });
      }),
    );
  });

  it('refuses what is not a full factorial', () => {
    for (const wrong of [[], [1], [1, 2, 3], [1, Number.NaN]]) {
      expect(() => shapley(wrong)).toThrow(RangeError);
    }
  });
});
