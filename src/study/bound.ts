/** A limit as a study file writes it: `at least 0.8`, `at most 0.1`. */
export interface Bound {
  readonly side: 'at least' | 'at most';
  readonly value: number;
}

export const BOUND_FORM = '"at least NUMBER" or "at most NUMBER"';

/** @returns `null` for a text that is not a bound */
export function boundOf(text: string): Bound | null {
  const [, side, number] = /^(at least|at most) (-?\d+(?:\.\d+)?)$/.exec(text.trim()) ?? [];
  if (side === undefined) return null;
  return { side: side as Bound['side'], value: Number(number) };
}

export function boundText({ side, value }: Bound): string {
  return `${side} ${value}`;
}

export function isWithin({ side, value }: Bound, found: number): boolean {
  return side === 'at least' ? found >= value : found <= value;
}
