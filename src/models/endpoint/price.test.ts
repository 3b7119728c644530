import { describe, expect, it } from 'vitest';
import { costOf, priceOf } from './price.ts';

const cheap = { input: 1, output: 2 };
const dear = { input: 10, output: 40 };

describe('what a model costs', () => {
  it('is its own price, else the endpoint’s, else unknown', () => {
    expect(priceOf({ price: cheap, prices: { big: dear } }, 'big', null)).toBe(dear);
    expect(priceOf({ price: cheap, prices: { big: dear } }, 'small', null)).toBe(cheap);
    expect(priceOf({ prices: { big: dear } }, 'small', null)).toBeNull();
    expect(priceOf({}, 'small', 'http://gpu1:8000/v1')).toBeNull();
  });

  it('is nothing on this machine, unless a price is given', () => {
    for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]'])
      expect(priceOf({}, 'small', `http://${host}:8000/v1`)).toEqual({ input: 0, output: 0 });
    expect(priceOf({ price: cheap }, 'small', 'http://localhost:8000/v1')).toBe(cheap);
    expect(priceOf({}, 'small', 'http://127.0.0.1.example.org/v1')).toBeNull();
  });

  it('is not what every object has by that name', () => {
    expect(priceOf({ price: cheap, prices: {} }, 'constructor', null)).toBe(cheap);
  });

  it('counts by the million', () => {
    expect(costOf({ inputTokens: 2_000_000, outputTokens: 500_000 }, { input: 3, output: 15 })).toBe(13.5);
    expect(costOf({ inputTokens: null, outputTokens: 1_000_000 }, { input: 3, output: 15 })).toBe(15);
  });
});
