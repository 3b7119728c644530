import { normalCdf, normalQuantile } from '../numerics/distributions.ts';
import { gaussLegendreNodes } from '../numerics/gauss-legendre.ts';
import { increasingRoot } from '../numerics/increasing-root.ts';

/** Points of the quadrature over what earlier looks let through. */
const POINTS = 96;
/** Beyond so many standard deviations nothing is left. */
const FAR = 8.5;
/** A bound beyond this is never reached: too little is spent at that look. */
const HIGHEST = 8;

/** Error spent by the part t of the work, as O'Brien and Fleming's bounds would about spend it. */
function spent(t: number, alpha: number): number {
  return 2 * (1 - normalCdf(normalQuantile(1 - alpha / 2) / Math.sqrt(t)));
}

/**
 * The bounds of several looks at accumulating data by the spending function of Lan and DeMets that is like O'Brien and
 * Fleming's. It has two scales of time. The error that may be spent so far follows the planned part of the work, which is known
 * before: at each look it is the chance to have crossed the upper bound by then, without a difference, and alpha at the end. How
 * the statistics of the looks hang together follows the information that was seen: their correlation is √(I_j/I_k). Two such
 * bounds, one each way, make a two-sided test at 2·alpha.
 *
 * @param parts       planned part at each look, rising, in (0, 1]
 * @param alpha       one-sided, in (0, 0.5)
 * @param information 1/variance of what is estimated, at each look, rising; on any scale. Left out: in proportion to the parts
 * @returns           one bound a look, for the standard normal statistic
 * @throws RangeError for no look, parts that do not rise within (0, 1], information that does not rise above 0 or is not one a
 *                    look, or an alpha outside (0, 0.5)
 * @see Lan & DeMets (1983), "Discrete sequential boundaries for clinical trials"; Lan & DeMets (1989), "Group sequential procedures:
 *      calendar versus information time"; Armitage, McPherson & Rowe (1969); Jennison & Turnbull (2000), Group Sequential Methods,
 *      ch. 7 and 19
 *
 * @example
 * lanDeMets([0.25, 0.5, 0.75, 1], 0.025); // => [4.3326, 2.9631, 2.359, 2.0141]
 */
export function lanDeMets(
  parts: readonly number[],
  alpha: number,
  information: readonly number[] = parts,
): number[] {
  if (!(alpha > 0 && alpha < 0.5)) throw new RangeError(`lanDeMets: alpha = ${alpha} is outside (0, 0.5)`);
  if (parts.length === 0) throw new RangeError('lanDeMets: there is no look');
  if (!rises(parts) || parts.at(-1)! > 1)
    throw new RangeError(`lanDeMets: the parts ${parts.join(', ')} do not rise within (0, 1]`);
  if (information.length !== parts.length || !rises(information))
    throw new RangeError(
      `lanDeMets: the information ${information.join(', ')} does not rise from look to look`,
    );
  const seen = information.map((one) => one / information.at(-1)!);
  const bounds: number[] = [];
  // Before the first look the score is 0; later its variance is the information.
  let uncrossed: Mass = { at: [0], of: [1] };
  seen.forEach((t, k) => {
    const before = uncrossed;
    const root = Math.sqrt(t);
    const step = Math.sqrt(t - (seen[k - 1] ?? 0));
    const may = spent(parts[k]!, alpha) - (k === 0 ? 0 : spent(parts[k - 1]!, alpha));
    const bound = crossing((z) => beyond(before, z * root, step), may);
    bounds.push(bound);
    if (k < seen.length - 1)
      uncrossed = spread((score) => density(before, score, step), -FAR * root, bound * root);
  });
  return bounds;
}

/** A distribution of scores, as points and how much lies at each. */
interface Mass {
  readonly at: readonly number[];
  readonly of: readonly number[];
}

/** The density at a score, one step after it was distributed so. */
function density({ at, of }: Mass, score: number, step: number): number {
  let sum = 0;
  for (let i = 0; i < at.length; i++) sum += of[i]! * Math.exp(-0.5 * ((score - at[i]!) / step) ** 2);
  return sum / (step * Math.sqrt(2 * Math.PI));
}

/** The chance to be beyond a score, one step after it was distributed so. */
function beyond({ at, of }: Mass, score: number, step: number): number {
  let sum = 0;
  for (let i = 0; i < at.length; i++) sum += of[i]! * normalCdf((at[i]! - score) / step);
  return sum;
}

/** A density on a stretch, as what lies at the points of the quadrature over its two parts. */
function spread(f: (x: number) => number, from: number, to: number): Mass {
  const middle = Math.min(to, Math.max(from, 0));
  const nodes = [...gaussLegendreNodes(from, middle, POINTS), ...gaussLegendreNodes(middle, to, POINTS)];
  return { at: nodes.map(({ at }) => at), of: nodes.map(({ at, weight }) => weight * f(at)) };
}

/** The z from which on no more lies beyond it than may be. */
function crossing(beyondIt: (z: number) => number, may: number): number {
  if (!(beyondIt(HIGHEST) < may)) return HIGHEST;
  return increasingRoot((z) => Math.log(may) - Math.log(beyondIt(z)), 0, HIGHEST, 1e-12);
}

/** Whether these are finite numbers above 0, each larger than the one before. */
function rises(values: readonly number[]): boolean {
  return values.every((value, k) => value > (values[k - 1] ?? 0) && Number.isFinite(value));
}
