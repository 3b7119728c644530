const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);
/** From here on 1 − erf(x) would lose digits and the continued fraction is short. */
const TAIL = 1.5;

/** The error function 2/√π ∫₀ˣ exp(−t²) dt, to a relative error of about 1e-15. */
export function erf(x: number): number {
  const size = Math.abs(x);
  const value = size < TAIL ? erfSeries(size) : 1 - erfc(size);
  return x < 0 ? -value : value;
}

/** The complementary error function 1 − erf(x), to a relative error of about 1e-14 also where it is tiny. */
export function erfc(x: number): number {
  return x < TAIL ? 1 - erf(x) : expMinusSquare(x) * scaledTail(x);
}

/**
 * The x at which erfc(x) = q.
 *
 * @param q in [0, 2]; 0 gives Infinity and 2 gives −Infinity
 * @throws RangeError for any other q
 */
export function erfcInverse(q: number): number {
  if (!(q >= 0 && q <= 2)) throw new RangeError(`erfcInverse: q = ${q} is outside [0, 2]`);
  if (q > 1) return -erfcInverse(2 - q);
  if (q === 0) return Number.POSITIVE_INFINITY;
  return q >= 0.5 ? inverseNearZero(1 - q) : inverseInTail(q);
}

/** Newton on erf(x) = r, which is concave for x > 0: from a start below the root every step stays below it. */
function inverseNearZero(r: number): number {
  let x = r / TWO_OVER_ROOT_PI;
  for (let round = 0; round < 50; round++) {
    const step = (r - erfSeries(x)) / (TWO_OVER_ROOT_PI * Math.exp(-x * x));
    x += step;
    if (step <= 1e-16 * x) break;
  }
  return x;
}

/** Newton on log erfc(x) = log q, which is concave: from a start above the root every step stays above it. */
function inverseInTail(q: number): number {
  const target = Math.log(q);
  let x = Math.sqrt(-target);
  for (let round = 0; round < 50; round++) {
    const scaled = x < TAIL ? erfc(x) * Math.exp(x * x) : scaledTail(x);
    const step = ((Math.log(scaled) - x * x - target) * scaled) / TWO_OVER_ROOT_PI;
    x += step;
    if (step >= -1e-16 * x) break;
  }
  return x;
}

/** erf by 2/√π · exp(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!!, whose terms are all positive (DLMF 7.6.2). */
function erfSeries(x: number): number {
  let term = x;
  let total = x;
  for (let n = 1; term > 1e-17 * total; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return TWO_OVER_ROOT_PI * Math.exp(-x * x) * total;
}

/** exp(x²)·erfc(x) for x ≥ TAIL by its continued fraction (DLMF 7.9.1), from the back. */
function scaledTail(x: number): number {
  let fraction = x;
  for (let k = Math.ceil(180 / (x * x)) + 5; k > 0; k--) fraction = x + k / 2 / fraction;
  return 1 / (Math.sqrt(Math.PI) * fraction);
}

/** exp(−x²) without the rounding of x²: the square of 24 bits is exact. */
function expMinusSquare(x: number): number {
  const head = Math.fround(Math.min(x, 1e9));
  return Math.exp(-head * head) * Math.exp(-(x - head) * (x + head));
}
