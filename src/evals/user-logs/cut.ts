import { fractionOf } from '../../core/fraction-of.ts';
import { digestOfText } from '../../core/index.ts';
import type { LogTurn } from './conversation.ts';

type TurnChoice = 'first' | 'last' | 'random' | number;

/** What is put of a conversation, or why nothing is. */
type Cut =
  | {
      readonly turns: readonly LogTurn[];
      /** Which of its user turns it ends with, counted from 1. */
      readonly turn: number;
    }
  | { readonly leftOut: 'too few user turns' | 'turns of tools' };

/**
 * A conversation up to one of its user turns, with the turns before it as history. Empty turns are not turns.
 *
 * @param seed for `random`: decides, together with the conversation's own words, which turn is taken
 */
export function cutAt(turns: readonly LogTurn[], choice: TurnChoice, seed: number): Cut {
  const spoken = turns.filter(({ content }) => content.trim() !== '');
  const places = spoken.flatMap(({ role }, place) => (role === 'user' ? [place] : []));
  const turn = numberOf(choice, places.length, () => seededFraction(spoken, seed));
  const end = places[turn - 1];
  if (end === undefined) return { leftOut: 'too few user turns' };
  const kept = spoken.slice(0, end + 1);
  // What a tool answered belongs to a call that the log's text does not show whole.
  if (kept.some(({ role }) => role === 'other')) return { leftOut: 'turns of tools' };
  return { turns: kept, turn };
}

function numberOf(choice: TurnChoice, count: number, fraction: () => number): number {
  if (choice === 'first') return 1;
  if (choice === 'last') return count;
  return choice === 'random' ? 1 + Math.floor(fraction() * count) : choice;
}

/** In [0, 1): a function of the seed and of what is said, so that neither order nor the other rows matter. */
export function seededFraction(value: unknown, seed: number): number {
  return fractionOf(digestOfText(JSON.stringify([seed, value])));
}
