import type { Chance } from '../chance.ts';

/** Which of the world's tasks: those that SFT and RL may see, those held out from them, or any. */
export type Split = 'train' | 'held-out' | 'any';

/** One prompt of the world, in words of the lexicon, and the cluster it belongs to. */
export interface WorldTask {
  readonly family: Family;
  readonly cluster: string;
  readonly text: string;
}

type Family = 'requests' | 'dilemmas' | 'programs' | 'reports' | 'everyday';

/** Draws again until the task is of the split: held out is what `isHeldOut` says of its combination of words. */
export function drawOf<T>(
  chance: Chance,
  split: Split,
  draw: (chance: Chance) => T,
  isHeldOut: (task: T) => boolean,
): T {
  for (;;) {
    const task = draw(chance);
    if (split === 'any' || isHeldOut(task) === (split === 'held-out')) return task;
  }
}
