import { expect, test } from 'vitest';
import { AdaptiveLimit } from './adaptive-limit.ts';

test('starts at the cap; halves at congestion, never below 1', () => {
  const limit = new AdaptiveLimit(32);
  const seen = [limit.current];
  for (let begun = 1; begun < 8; begun++) {
    limit.congested(begun, begun);
    seen.push(limit.current);
  }
  expect(seen).toEqual([32, 16, 8, 4, 2, 1, 1, 1]);
});

test('requests that were under way together lower it once', () => {
  const limit = new AdaptiveLimit(32);
  const fell = Array.from({ length: 32 }, (_, i) => limit.congested(i + 1, 32));
  expect(fell.filter(Boolean)).toHaveLength(1);
  expect(limit.current).toBe(16);
  expect(limit.congested(33, 40)).toBe(true);
});

test('rises by one in a round of successes, up to the cap', () => {
  const limit = new AdaptiveLimit(6);
  limit.congested(1, 1);
  expect(limit.current).toBe(3);
  const seen: number[] = [];
  for (let round = 0; round < 5; round++) {
    for (let i = limit.current; i >= 0; i--) limit.succeeded(limit.current);
    seen.push(limit.current);
  }
  expect(seen).toEqual([4, 5, 6, 6, 6]);
});

test('successes below the limit say nothing of what lies above it', () => {
  const limit = new AdaptiveLimit(32);
  limit.congested(1, 1);
  for (let i = 0; i < 100; i++) limit.succeeded(3);
  expect(limit.current).toBe(16);
});
