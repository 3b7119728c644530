import type { AnswerScale } from '../../core/index.ts';
import { choicesOf, parseAnswer } from './choices.ts';
import type { Key } from './keys.ts';
import type { LabelCommand, SessionState } from './session.ts';

/** What a key means at this point; `null` where it means nothing, and `refusal` says why where that helps. */
export function commandOf(
  key: Key,
  state: SessionState,
  scale: AnswerScale,
  page: number,
): LabelCommand | { readonly refusal: string } | null {
  const moved = MOVES[key]?.(page);
  if (moved !== undefined) return { kind: 'scroll', by: moved };
  if (key === 'interrupt' || key === 'end of input' || key === 'q') return { kind: 'quit' };
  if (state.view === 'rubric') return { kind: 'rubric' };
  if (key === '?') return { kind: 'rubric' };
  if (key === 'u') return { kind: 'undo' };
  if (key === 's') return { kind: 'skip' };
  const choices = choicesOf(scale);
  if (choices === null) return typing(key, state, scale);
  const chosen = choices.find((choice) => choice.key === key);
  return chosen === undefined ? null : { kind: 'answer', answer: chosen.answer };
}

const FAR = 1e9;
const MOVES: Readonly<Record<Key, (page: number) => number>> = {
  up: () => -1,
  k: () => -1,
  down: () => 1,
  j: () => 1,
  'page up': (page) => -page,
  'page down': (page) => page,
  ' ': (page) => page,
  home: () => -FAR,
  g: () => -FAR,
  end: () => FAR,
  G: () => FAR,
};

/** Scales without a key an answer: a number is typed and closed with Enter. */
function typing(
  key: Key,
  { typed }: SessionState,
  scale: AnswerScale,
): LabelCommand | { readonly refusal: string } | null {
  if (key === 'backspace') return { kind: 'rub' };
  if (key === 'enter') {
    const answer = parseAnswer(typed, scale);
    return answer === null ? { refusal: `“${typed}” is not on the scale.` } : { kind: 'answer', answer };
  }
  return /^[0-9.-]$/.test(key) ? { kind: 'type', character: key } : null;
}
