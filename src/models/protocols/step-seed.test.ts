import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seedOfTrial, stepSeed } from './step-seed.ts';

const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const step = fc.integer({ min: 1, max: 10_000 });

test('each step has a seed of its own, in the range of seeds, and tells the trial’s', () => {
  fc.assert(
    fc.property(seed, step, step, (trial, one, other) => {
      const asked = stepSeed(trial, one)!;
      expect(asked).toBeGreaterThanOrEqual(0);
      expect(asked).toBeLessThan(2 ** 31);
      expect(seedOfTrial(asked, one)).toBe(trial);
      expect(asked === stepSeed(trial, other)).toBe(one === other);
    }),
  );
});

test('the first step has the trial’s own', () => {
  expect(stepSeed(42, 1)).toBe(42);
});

test('a trial without a seed has none for its steps', () => {
  expect(stepSeed(null, 3)).toBeNull();
  expect(seedOfTrial(null, 3)).toBeNull();
});
