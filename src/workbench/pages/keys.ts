import { useEffect, useRef } from 'react';

/** What keys do on a page: a key, or two in a row (`gg`), by `KeyboardEvent.key`. */
type KeyMap = Readonly<Record<string, (() => void) | undefined>>;

/** Two keys that belong together must come within this time. */
const PAIR_MS = 600;

/** Listens for keys while the component is shown. Keys that are typed into a field are its own, but for Escape. */
export function useKeys(map: KeyMap): void {
  const current = useRef(map);
  current.current = map;
  useEffect(() => {
    let before = { key: '', at: 0 };
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const at = event.target instanceof HTMLElement ? event.target : null;
      const isField = at?.matches('input:not([type="checkbox"]), textarea, select') ?? false;
      // Enter on a button or a link is its own.
      const isOwn = event.key === 'Enter' && (at?.matches('button, a, summary') ?? false);
      if ((isField && event.key !== 'Escape') || isOwn) return;
      const pair = event.timeStamp - before.at < PAIR_MS ? before.key + event.key : '';
      const act = current.current[pair] ?? current.current[event.key];
      before = { key: event.key, at: event.timeStamp };
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, []);
}

/** Keys of all pages, for the help. */
export const KEY_HELP: readonly (readonly [keys: string, what: string])[] = [
  ['j  k', 'next and previous row or sample'],
  ['l  Enter', 'open the chosen row'],
  ['h  Escape', 'back to the list'],
  ['gg  G', 'first and last row'],
  ['/', 'search in prompts, thoughts and responses'],
  ['f', 'filters'],
  ['[  ]', 'previous and next sample that the stages answered differently'],
  ['e', 'next epoch'],
  ['d', 'differences between neighbouring stages, word by word'],
  ['m', 'show answers as Markdown'],
  ['r', 'explanations of the raters'],
  ['c', 'copy: as a link, as Markdown, as JSON'],
  ['?', 'this help'],
];
