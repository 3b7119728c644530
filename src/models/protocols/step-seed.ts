/** Weyl's sequence by the golden ratio: odd, so that no two of 2³¹ steps share a seed. */
const STRIDE = 0x61c88647;

/**
 * The sampling seed of one step of a conversation: the trial's own for the first, and for each later step another, so that
 * steps do not draw the same random numbers. The same trial has the same seeds whenever and wherever it runs.
 *
 * @param seed of the trial, in [0, 2³¹)
 * @param step counts from 1
 * @returns a whole number in [0, 2³¹); `null` where the trial has none
 */
export function stepSeed(seed: number | null, step: number): number | null {
  if (seed === null || step === 1) return seed;
  return (seed + Math.imul(step - 1, STRIDE)) & 0x7fffffff;
}

/** The trial's seed, of a step's: what an agent that is a pure function of its requests knows its trial by. */
export function seedOfTrial(seed: number | null, step: number): number | null {
  if (seed === null || step === 1) return seed;
  return (seed - Math.imul(step - 1, STRIDE)) & 0x7fffffff;
}
