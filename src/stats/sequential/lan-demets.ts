import { normalCdf, normalQuantile } from '../numerics/distributions.ts';
import { gaussLegendre } from '../numerics/gauss-legendre.ts';

/** Points of the quadrature over what earlier looks let through. */
const POINTS = 96;
/** Beyond so many standard deviations nothing is left. */
const FAR = 8.5;
/** A bound beyond this is never reached: too little is spent at that look. */
const HIGHEST = 8;

/** Error spent by the information fraction t, as O'Brien and Fleming's bounds would about spend it. */
function spent(t: number, alpha: number): number {
  return 2 * (1 - normalCdf(normalQuantile(1 - alpha / 2) / Math.sqrt(t)));
}

/**
 * The bounds of several looks at accumulating data by the spending function of Lan and DeMets that is like O'Brien and
 * Fleming's: at each look the chance to have crossed the upper bound so far, without a difference, is what may be spent by its
 * information fraction; at the end it is alpha. Two such bounds, one each way, make a two-sided test at 2·alpha.
 *
 * @param fractions information at each look as a part of the whole, rising, in (0, 1]
 * @param alpha     one-sided, in (0, 0.5)
 * @returns         one bound a look, for the standard normal statistic
 * @throws RangeError for no look, fractions that do not rise within (0, 1], or an alpha outside (0, 0.5)
 * @see Lan & DeMets (1983), "Discrete sequential boundaries for clinical trials"; Armitage, McPherson & Rowe (1969); Jennison &
 *      Turnbull (2000), Group Sequential Methods, ch. 7 and 19
 *
 * @example
 * lanDeMets([0.25, 0.5, 0.75, 1], 0.025); // => [4.3326, 2.9631, 2.359, 2.0141]
 */
export function lanDeMets(fractions: readonly number[], alpha: number): number[] {
  if (!(alpha > 0 && alpha < 0.5)) throw new RangeError(`lanDeMets: alpha = ${alpha} is outside (0, 0.5)`);
  if (fractions.length === 0) throw new RangeError('lanDeMets: there is no look');
  fractions.forEach((t, k) => {
    if (!(t > (fractions[k - 1] ?? 0) && t <= 1))
      throw new RangeError(`lanDeMets: the fractions ${fractions.join(', ')} do not rise within (0, 1]`);
  });
  const bounds: number[] = [];
  // The density of the score at the look before, where no bound was crossed; scores have variance t.
  let density = (x: number) => gauss(x / Math.sqrt(fractions[0]!)) / Math.sqrt(fractions[0]!);
  let before = 0;
  fractions.forEach((t, k) => {
    const here = spent(t, alpha);
    const root = Math.sqrt(t);
    const [t0, z0] = [fractions[k - 1] ?? 0, bounds[k - 1] ?? 0];
    const root0 = Math.sqrt(t0);
    const step = Math.sqrt(t - t0);
    const earlier = density;
    /** The chance to get beyond a score now, having crossed nothing before. */
    const beyond = (score: number) =>
      k === 0
        ? 1 - normalCdf(score / root)
        : pieces(-FAR * root0, z0 * root0, (x) => earlier(x) * (1 - normalCdf((score - x) / step)));
    const bound = decreasingRoot((z) => beyond(z * root) - (here - before), 0, HIGHEST);
    bounds.push(bound);
    before = here;
    if (k > 0 && k < fractions.length - 1) {
      density = tabulated(
        (score) => pieces(-FAR * root0, z0 * root0, (x) => (earlier(x) * gauss((score - x) / step)) / step),
        -FAR * root,
        bound * root,
      );
    }
  });
  return bounds;
}

function gauss(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

function pieces(from: number, to: number, f: (x: number) => number): number {
  const middle = Math.min(to, Math.max(from, 0));
  return gaussLegendre(f, from, middle, POINTS) + gaussLegendre(f, middle, to, POINTS);
}

/** The function at the points at which it will be asked for: those of the two parts of its stretch. */
function tabulated(f: (x: number) => number, from: number, to: number): (x: number) => number {
  const known = new Map<number, number>();
  pieces(from, to, (x) => {
    known.set(x, f(x));
    return 0;
  });
  return (x) => known.get(x) ?? f(x);
}

function decreasingRoot(f: (x: number) => number, low: number, high: number): number {
  let [a, b] = [low, high];
  if (f(b) > 0) return b;
  while (b - a > 1e-11) {
    const middle = (a + b) / 2;
    if (f(middle) > 0) a = middle;
    else b = middle;
  }
  return (a + b) / 2;
}
