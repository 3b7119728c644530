import { erfc, erfcInverse } from './error-function.ts';
import { betaLogitQuantile, betaTails } from './incomplete-beta.ts';

/**
 * P(Z ≤ x) for a standard normal Z.
 *
 * @example
 * normalCdf(1.96); // => 0.975
 */
export function normalCdf(x: number): number {
  return erfc(-x / Math.SQRT2) / 2;
}

/**
 * The x at which P(Z ≤ x) = p.
 *
 * @throws RangeError when p is outside [0, 1]
 *
 * @example
 * normalQuantile(0.975); // => 1.96
 */
export function normalQuantile(p: number): number {
  requireProbability('normalQuantile', p);
  return p === 0.5 ? 0 : -Math.SQRT2 * erfcInverse(2 * p);
}

/**
 * P(T ≤ t) for Student's t.
 *
 * @param df degrees of freedom, > 0, need not be whole; Infinity is the normal distribution
 * @throws RangeError when df is not positive
 *
 * @example
 * studentTCdf(2, 10); // => 0.9633
 */
export function studentTCdf(t: number, df: number): number {
  requirePositive('studentTCdf', 'df', df);
  if (Number.isNaN(t)) return Number.NaN;
  if (df === Number.POSITIVE_INFINITY) return normalCdf(t);
  const square = (t / df) * t;
  if (square === 0) return 0.5;
  const { logLower } = square === Number.POSITIVE_INFINITY ? EMPTY : studentTails(square, df);
  const tail = Math.exp(logLower) / 2;
  return t < 0 ? tail : 1 - tail;
}

const EMPTY = { logLower: Number.NEGATIVE_INFINITY };

/** Tails of df/(df + t²), whose lower one is P(|T| ≥ |t|); `square` is t²/df. */
function studentTails(square: number, df: number) {
  return betaTails(1 / (1 + square), square / (1 + square), df / 2, 0.5);
}

/**
 * The t at which P(T ≤ t) = p for Student's t.
 *
 * @param df degrees of freedom, > 0, need not be whole; Infinity is the normal distribution
 * @throws RangeError when p is outside [0, 1] or df is not positive
 *
 * @example
 * studentTQuantile(0.975, 10); // => 2.2281
 */
export function studentTQuantile(p: number, df: number): number {
  requireProbability('studentTQuantile', p);
  requirePositive('studentTQuantile', 'df', df);
  if (df === Number.POSITIVE_INFINITY) return normalQuantile(p);
  if (p > 0.5) return -studentTQuantileBelow(1 - p, 2 * p - 1, df);
  return p === 0.5 ? 0 : studentTQuantileBelow(p, 1 - 2 * p, df);
}

function studentTQuantileBelow(tail: number, inner: number, df: number): number {
  return -Math.sqrt(df) * Math.exp(-betaLogitQuantile(2 * tail, inner, df / 2, 0.5) / 2);
}

/**
 * P(X ≤ x) for X ~ Beta(a, b).
 *
 * @throws RangeError when a or b is not positive and finite
 *
 * @example
 * betaCdf(0.5, 2, 3); // => 0.6875
 */
export function betaCdf(x: number, a: number, b: number): number {
  requireShapes('betaCdf', a, b);
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  return Math.exp(betaTails(x, 1 - x, a, b).logLower);
}

/**
 * The x at which P(X ≤ x) = p for X ~ Beta(a, b).
 *
 * @throws RangeError when p is outside [0, 1], or a or b is not positive and finite
 *
 * @example
 * betaQuantile(0.5, 2, 3); // => 0.3857
 */
export function betaQuantile(p: number, a: number, b: number): number {
  requireProbability('betaQuantile', p);
  requireShapes('betaQuantile', a, b);
  return 1 / (1 + Math.exp(-betaLogitQuantile(p, 1 - p, a, b)));
}

function requireProbability(who: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`${who}: the probability ${p} is outside [0, 1]`);
}

function requirePositive(who: string, name: string, value: number): void {
  if (!(value > 0)) throw new RangeError(`${who}: ${name} = ${value} is not positive`);
}

function requireShapes(who: string, a: number, b: number): void {
  requirePositive(who, 'a', a);
  requirePositive(who, 'b', b);
  if (!Number.isFinite(a + b)) throw new RangeError(`${who}: a = ${a}, b = ${b} are not finite`);
}
