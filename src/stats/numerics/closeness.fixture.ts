import { expect } from 'vitest';

/** Asserts that two numbers agree to a relative tolerance; an expected 0 must be met exactly. */
export function expectRelative(actual: number, expected: number, tolerance: number): void {
  if (expected === 0) expect(Math.abs(actual)).toBe(0);
  else
    expect(Math.abs(actual - expected) / Math.abs(expected), `${actual} for ${expected}`).toBeLessThan(
      tolerance,
    );
}

/** Asserts that two intervals agree, each end to a relative tolerance. */
export function expectInterval(
  actual: readonly [number, number] | null,
  expected: readonly [number, number],
  tolerance: number,
): void {
  expectRelative(actual![0], expected[0], tolerance);
  expectRelative(actual![1], expected[1], tolerance);
}

/** The same, but relative to the interval's width: for references whose own error grows where an end nears zero. */
export function expectWithinWidth(
  actual: readonly [number, number] | null,
  expected: readonly [number, number],
  tolerance: number,
): void {
  const width = expected[1] - expected[0];
  expect(Math.abs(actual![0] - expected[0]) / width).toBeLessThan(tolerance);
  expect(Math.abs(actual![1] - expected[1]) / width).toBeLessThan(tolerance);
}
