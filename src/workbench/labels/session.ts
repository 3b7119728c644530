import type { TrialKey } from '../../core/index.ts';
import type { Given, LabelAnswer } from './question.ts';

/** A trial to label, and what of it has been answered. */
export interface SessionItem {
  readonly key: TrialKey;
  readonly given: LabelAnswer | 'skipped' | null;
}

/** Where a labeller is. Nothing here knows of stages or judges. */
export interface SessionState {
  /** In the order in which they are shown. */
  readonly items: readonly SessionItem[];
  /** Places of the answered items in the order in which they were answered: what undo goes back along. */
  readonly history: readonly number[];
  /** Place of the item on the screen; as many as there are items when all are answered. */
  readonly at: number;
  readonly view: 'trial' | 'rubric';
  /** The first line of the text that is shown. */
  readonly scroll: number;
  /** What was typed of a number so far. */
  readonly typed: string;
  /** Said to the labeller once. */
  readonly notice: string | null;
}

/** What a key asks for. */
export type LabelCommand =
  | { readonly kind: 'answer'; readonly answer: LabelAnswer }
  | { readonly kind: 'skip' | 'undo' | 'rubric' | 'quit' }
  | { readonly kind: 'type'; readonly character: string }
  | { readonly kind: 'rub' }
  | { readonly kind: 'scroll'; readonly by: number };

/** What has to be on disk before the next state is shown. */
export interface Recording {
  readonly key: TrialKey;
  readonly given: Given;
}

interface SessionStep {
  readonly state: SessionState;
  readonly record?: Recording;
  readonly quit?: true;
}

/** @param history places of items that were answered before, in that order */
export function beginSession(items: readonly SessionItem[], history: readonly number[]): SessionState {
  return { items, history, at: firstOpen(items), view: 'trial', scroll: 0, typed: '', notice: null };
}

/** Items that have been answered or skipped. */
export function answered({ items }: SessionState): number {
  return items.filter(({ given }) => given !== null).length;
}

/** One step of a session; a pure function. Whoever calls it records first and shows the new state then. */
export function step(state: SessionState, command: LabelCommand): SessionStep {
  const now: SessionState = { ...state, notice: null };
  switch (command.kind) {
    case 'quit':
      return { state: now, quit: true };
    case 'scroll':
      return { state: { ...now, scroll: Math.max(0, now.scroll + command.by) } };
    case 'rubric':
      return { state: { ...now, view: now.view === 'rubric' ? 'trial' : 'rubric', scroll: 0, typed: '' } };
    case 'type':
      return { state: { ...now, typed: (now.typed + command.character).slice(0, 12) } };
    case 'rub':
      return { state: { ...now, typed: now.typed.slice(0, -1) } };
    case 'undo':
      return undo(now);
    case 'skip':
      return give(now, 'skipped');
    case 'answer':
      return give(now, command.answer);
  }
}

function give(state: SessionState, given: LabelAnswer | 'skipped'): SessionStep {
  const item = state.items[state.at];
  if (item === undefined) return { state };
  const items = state.items.with(state.at, { ...item, given });
  return {
    state: { ...fresh(state), items, history: [...state.history, state.at], at: firstOpen(items) },
    record: { key: item.key, given },
  };
}

function undo(state: SessionState): SessionStep {
  const at = state.history.at(-1);
  const item = at === undefined ? undefined : state.items[at];
  if (at === undefined || item === undefined) return { state: { ...state, notice: 'Nothing to undo.' } };
  return {
    state: {
      ...fresh(state),
      items: state.items.with(at, { ...item, given: null }),
      history: state.history.slice(0, -1),
      at,
      notice: 'Taken back. Label it again.',
    },
    record: { key: item.key, given: 'withdrawn' },
  };
}

function fresh(state: SessionState): SessionState {
  return { ...state, view: 'trial', scroll: 0, typed: '' };
}

function firstOpen(items: readonly SessionItem[]): number {
  const open = items.findIndex(({ given }) => given === null);
  return open < 0 ? items.length : open;
}
