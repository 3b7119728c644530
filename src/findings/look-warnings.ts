import { counted, percent } from '../format/index.ts';
import type { Warned } from './warned.ts';

/** If more than this part of the planned answers came after a look was taken, findings warn that they see more than the look saw. */
const MUCH_MORE = 0.05;

/** Warnings where the levels of the looks may not hold: for findings between two looks, and for damaged lines of `looks.jsonl`. */
export function lookWarnings({ look, damagedLooks }: Pick<Warned, 'look' | 'damagedLooks'>): string[] {
  return [...between(look), ...unread(damagedLooks)];
}

function between(look: Warned['look']): string[] {
  if (look?.same === undefined) return [];
  const more = (look.recorded - look.same.recorded) / look.planned;
  if (more <= MUCH_MORE) return [];
  const { recorded, planned } = look.same;
  const next = look.declared.find((part) => part > look.part);
  const until = next === undefined ? '' : `; the next was declared after ${percent(next)}`;
  return [
    `The look declared after ${percent(look.part)} of the answers was taken when ${percent(recorded / planned)} were there, and these findings are of ${percent(look.answered)}${until}. They are one more look than was declared, so a difference that is shown now for the first time is a chance finding more often than the error rates say.`,
  ];
}

function unread(damaged: number): string[] {
  return damaged === 0
    ? []
    : [
        `${counted(damaged, 'line')} of looks.jsonl can't be read. A look that was noted there is not counted, so intervals may be too short.`,
      ];
}
