/** Points in [−1, 1] and their weights, which sum to 2. */
interface QuadratureRule {
  readonly points: Float64Array;
  readonly weights: Float64Array;
}

const rules = new Map<number, QuadratureRule>();

/**
 * The integral of a smooth function by the Gauss–Legendre rule, which is exact for polynomials of degree 2n − 1.
 *
 * @param f    finite on [from, to]; not called at the ends
 * @param from lower end
 * @param to   upper end
 * @param n    number of points, at least 1; the rule is computed once per n
 * @see Davis & Rabinowitz (1984), Methods of Numerical Integration, ch. 2.7
 */
export function gaussLegendre(f: (x: number) => number, from: number, to: number, n: number): number {
  return gaussLegendreNodes(from, to, n).reduce((total, { at, weight }) => total + weight * f(at), 0);
}

/** The points of the rule on [from, to] and their weights, which sum to its length. @param n number of points, at least 1 */
export function gaussLegendreNodes(
  from: number,
  to: number,
  n: number,
): { readonly at: number; readonly weight: number }[] {
  let rule = rules.get(n);
  if (rule === undefined) {
    rule = legendreRule(n);
    rules.set(n, rule);
  }
  const { points, weights } = rule;
  const middle = (from + to) / 2;
  const half = (to - from) / 2;
  return Array.from(points, (point, i) => ({ at: middle + half * point, weight: half * weights[i]! }));
}

/** The roots of the Legendre polynomial Pₙ by Newton's method, with weights 2 / ((1 − x²) Pₙ′(x)²). */
function legendreRule(n: number): QuadratureRule {
  const points = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let i = 0; i < Math.ceil(n / 2); i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 1;
    for (let round = 0; round < 20; round++) {
      const [value, derivative] = legendre(n, x);
      slope = derivative;
      const step = value / slope;
      x -= step;
      if (Math.abs(step) < 1e-15) break;
    }
    const weight = 2 / ((1 - x * x) * slope * slope);
    points[i] = -x;
    points[n - 1 - i] = x;
    weights[i] = weight;
    weights[n - 1 - i] = weight;
  }
  return { points, weights };
}

/** Pₙ(x) and its derivative, by the three-term recurrence; for |x| < 1. */
function legendre(n: number, x: number): [value: number, derivative: number] {
  let before = 0;
  let value = 1;
  for (let k = 1; k <= n; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
  return [value, (n * (before - x * value)) / (1 - x * x)];
}
