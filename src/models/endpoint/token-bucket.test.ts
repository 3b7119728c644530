import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

test('one second’s worth at once, then evenly', () => {
  const bucket = new TokenBucket(600, 0);
  for (let i = 0; i < 10; i++) {
    expect(bucket.delay(1, 0)).toBe(0);
    bucket.take(1, 0);
  }
  expect(bucket.delay(1, 0)).toBeCloseTo(100);
  expect(bucket.delay(1, 60)).toBeCloseTo(40);
  expect(bucket.delay(1, 100)).toBe(0);
});

test('less than one a second: one at a time', () => {
  const bucket = new TokenBucket(6, 0);
  bucket.take(1, 0);
  expect(bucket.delay(1, 0)).toBeCloseTo(10_000);
});

test('something larger than the bucket passes when it is full, and is paid off after', () => {
  const bucket = new TokenBucket(60_000, 0);
  expect(bucket.delay(5000, 0)).toBe(0);
  bucket.take(5000, 0);
  expect(bucket.delay(1, 0)).toBeCloseTo(4001);
  expect(bucket.delay(5000, 0)).toBeCloseTo(5000);
});

test('what was not used is given back, but the bucket never overflows', () => {
  const bucket = new TokenBucket(60_000, 0);
  bucket.take(5000, 0);
  bucket.giveBack(4500);
  expect(bucket.delay(500, 0)).toBe(0);
  bucket.giveBack(1e6);
  expect(bucket.delay(1000, 0)).toBe(0);
  bucket.take(1000, 0);
  expect(bucket.delay(1, 0)).toBeGreaterThan(0);
  bucket.giveBack(-1000);
  expect(bucket.delay(1, 0)).toBeCloseTo(1001);
});

test('law: over any span, no more passes than the rate and one second’s worth', () => {
  const amounts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 60, max: 100_000 }), amounts, (perMinute, taken) => {
      const bucket = new TokenBucket(perMinute, 0);
      let now = 0;
      let passed = 0;
      for (const amount of taken) {
        now += bucket.delay(amount, now);
        bucket.take(amount, now);
        // The last one may leave a debt; what passed before it was within the rate.
        expect(passed).toBeLessThanOrEqual((perMinute / 60_000) * now + perMinute / 60 + 1e-6);
        passed += amount;
      }
    }),
  );
});
