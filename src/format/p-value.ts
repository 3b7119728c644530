import { NONE } from './number.ts';

/** @example [pValue(0.0002), pValue(0.0123), pValue(0.41)]; // => ['< 0.001', '0.012', '0.41'] */
export function pValue(p: number | null | undefined): string {
  if (p === null || p === undefined) return NONE;
  if (p < 0.001) return '< 0.001';
  return p.toFixed(p < 0.1 ? 3 : 2);
}

/** @example [pInWords(0.0002), pInWords(0.03)]; // => ['p < 0.001', 'p = 0.030'] */
export function pInWords(p: number): string {
  const text = pValue(p);
  return text.startsWith('<') ? `p ${text}` : `p = ${text}`;
}
