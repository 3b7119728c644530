import { describe, expect, it } from 'vitest';
import { costOf, priceOf } from './price.ts';

const cheap = { input: 1, output: 2 };
const dear = { input: 10, output: 40 };

describe('what a model costs', () => {
  it('is its own price, else the endpoint’s, else unknown', () => {
    expect(priceOf({ price: cheap, prices: { big: dear } }, 'big')).toBe(dear);
    expect(priceOf({ price: cheap, prices: { big: dear } }, 'small')).toBe(cheap);
    expect(priceOf({ prices: { big: dear } }, 'small')).toBeNull();
    expect(priceOf({}, 'small')).toBeNull();
  });

  it('is not what every object has by that name', () => {
    expect(priceOf({ price: cheap, prices: {} }, 'constructor')).toBe(cheap);
  });

  it('counts by the million', () => {
    expect(costOf({ inputTokens: 2_000_000, outputTokens: 500_000 }, { input: 3, output: 15 })).toBe(13.5);
    expect(costOf({ inputTokens: null, outputTokens: 1_000_000 }, { input: 3, output: 15 })).toBe(15);
  });
});
