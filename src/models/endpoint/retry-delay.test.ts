import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { askedDelay, backoffDelay } from './retry-delay.ts';

const now = Date.parse('2026-11-22T10:00:00Z');

describe('askedDelay', () => {
  test.each([
    [{ 'retry-after': '3' }, 3000],
    [{ 'retry-after': '0.25' }, 250],
    [{ 'retry-after': 'Sun, 22 Nov 2026 10:00:07 GMT' }, 7000],
    [{ 'retry-after': 'Sun, 22 Nov 2026 09:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, null],
    [{ 'retry-after-ms': '120', 'retry-after': '1' }, 120],
    [{ 'retry-after': ['2', '9'] }, 2000],
    [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' }, 360_000],
    [{ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '1h2m3.5s' }, 3_723_500],
    [{ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '20ms' }, 20],
    [{ 'x-ratelimit-remaining-tokens': '5', 'x-ratelimit-reset-tokens': '6m0s' }, null],
    [{ 'x-ratelimit-reset': String(now + 4000) }, 4000],
    [{ 'x-ratelimit-reset': String(now / 1000 + 4) }, 4000],
    [{ 'x-ratelimit-reset': '4' }, 4000],
    [{}, null],
  ])('%j asks for %s ms', (headers, delay) => {
    expect(askedDelay(headers, undefined, now)).toBe(delay);
  });

  test('the longer of two exhausted limits', () => {
    const headers = {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '2s',
    };
    expect(askedDelay(headers, undefined, now)).toBe(2000);
  });

  test("Google's, in the body", () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34s' }];
    expect(askedDelay({}, { error: { code: 429, details } }, now)).toBe(34_000);
    expect(askedDelay({}, { error: { code: 429, details: [null, {}] } }, now)).toBeNull();
  });
});

describe('backoffDelay', () => {
  const backoff = { firstMs: 100, mostMs: 5000 };

  test('law: between nothing and a bound that doubles up to the most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), (failures) => {
        const delay = backoffDelay(failures, null, backoff);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(Math.min(5000, 100 * 2 ** (failures - 1)));
      }),
    );
  });

  test('law: never less than asked, and no more than a little or the backoff beyond it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 1e6 }), (failures, asked) => {
        const delay = backoffDelay(failures, asked, backoff);
        expect(delay).toBeGreaterThanOrEqual(asked);
        expect(delay).toBeLessThanOrEqual(Math.max(asked + 100, 5000));
      }),
    );
  });

  test('a server that always says 0 is left alone longer and longer', () => {
    const mean = (failures: number) =>
      Array.from({ length: 400 }, () => backoffDelay(failures, 0, backoff)).reduce((a, b) => a + b) / 400;
    expect(mean(6)).toBeGreaterThan(5 * mean(1));
  });

  test('the jitter is full: delays spread over the whole range', () => {
    const delays = Array.from({ length: 400 }, () => backoffDelay(4, null, backoff));
    expect(Math.min(...delays)).toBeLessThan(80);
    expect(Math.max(...delays)).toBeGreaterThan(720);
  });
});
