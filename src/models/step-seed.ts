import { digestOfText } from '../core/index.ts';

/**
 * The sampling seed of one step of a conversation: the trial's own for the first, and for each later step another, so that
 * steps do not draw the same random numbers. The same trial has the same seeds whenever and wherever it runs.
 *
 * @param step counts from 1
 * @returns a whole number in [0, 2³¹); `null` where the trial has none
 */
export function stepSeed(seed: number | null, step: number): number | null {
  if (seed === null || step === 1) return seed;
  return Number.parseInt(digestOfText(`${seed}/step ${step}`).slice(0, 8), 16) & 0x7fffffff;
}
