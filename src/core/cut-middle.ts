export interface CutText {
  /** The beginning, and the end where something between was left out. */
  readonly head: string;
  readonly tail: string;
  /** Characters left out between the two. */
  readonly left: number;
}

/** At most so many characters of a text: its beginning and its end. No surrogate pair is cut through. */
export function cutMiddle(text: string, most: number): CutText {
  if (text.length <= most) return { head: text, tail: '', left: 0 };
  const head = beside(text, Math.ceil(most / 2), -1);
  const tail = beside(text, text.length - Math.floor(most / 2), 1);
  return { head: text.slice(0, head), tail: text.slice(tail), left: tail - head };
}

/** Moves a cut that would go through a surrogate pair. */
function beside(text: string, at: number, step: -1 | 1): number {
  const before = text.charCodeAt(at - 1);
  return at < text.length && before >= 0xd800 && before <= 0xdbff ? at + step : at;
}
