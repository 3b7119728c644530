import { NONE } from './number.ts';

/** @example [pValue(0.0002), pValue(0.0123), pValue(0.41)]; // => ['< 0.001', '0.012', '0.41'] */
export function pValue(p: number | null | undefined): string {
  if (p === null || p === undefined) return NONE;
  if (p < 0.001) return '< 0.001';
  return p.toFixed(p < 0.1 ? 3 : 2);
}

/** Above this, p of equivalence only says that the difference is beyond the margin: "1.00" beside a verdict would mislead. */
const NOT_SHOWN = 0.5;

/**
 * p of an equivalence test, or that equivalence is not shown, where the estimate itself is beyond the margin.
 *
 * @example [equivalenceP(0.012), equivalenceP(1)]; // => ['0.012', 'not shown']
 */
export function equivalenceP(p: number | null | undefined): string {
  return p !== null && p !== undefined && p > NOT_SHOWN ? 'not shown' : pValue(p);
}

/** @example [pInWords(0.0002), pInWords(0.03)]; // => ['p < 0.001', 'p = 0.030'] */
export function pInWords(p: number): string {
  const text = pValue(p);
  return text.startsWith('<') ? `p ${text}` : `p = ${text}`;
}
