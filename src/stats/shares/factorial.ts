/**
 * What a full factorial of k two-level factors (k steps of training each taken or left out) says of each factor.
 *
 * Values are given for every subset of factors, at the index whose bits name the factors that are on: for three
 * factors a, b, c the order is ∅, a, b, ab, c, ac, bc, abc.
 */
export type FactorialValues = readonly number[];

/**
 * Shapley values: each factor's change to the outcome, averaged over all orders in which the factors could have been
 * switched on. They sum to the value with all on minus the value with none.
 *
 * @param values 2^k outcomes, k ≥ 1, indexed by subset as in {@link FactorialValues}
 * @returns      k values, one a factor, in the outcome's unit
 * @throws RangeError when there are not 2^k values, or one is not finite
 * @see Shapley (1953), "A value for n-person games"
 *
 * @example
 * shapley([0, 10, 20, 40]); // => [15, 25]
 */
export function shapley(values: FactorialValues): number[] {
  const factors = factorCount(values);
  const weights = shapleyWeights(factors);
  return Array.from({ length: factors }, (_, factor) => {
    const bit = 1 << factor;
    let sum = 0;
    for (let subset = 0; subset < values.length; subset++) {
      if ((subset & bit) === 0) sum += weights[sizeOf(subset)]! * (values[subset | bit]! - values[subset]!);
    }
    return sum;
  });
}

/** |S|!·(k − |S| − 1)!/k! for |S| = 0 … k − 1. */
function shapleyWeights(factors: number): number[] {
  const weights = [1 / factors];
  for (let size = 1; size < factors; size++) weights.push((weights[size - 1]! * size) / (factors - size));
  return weights;
}

function sizeOf(subset: number): number {
  let size = 0;
  for (let rest = subset; rest !== 0; rest &= rest - 1) size++;
  return size;
}

function factorCount(values: FactorialValues): number {
  const factors = Math.log2(values.length);
  if (factors < 1 || !Number.isInteger(factors)) {
    throw new RangeError(`a full factorial has 2, 4, 8, … values, not ${values.length}`);
  }
  if (!values.every(Number.isFinite)) throw new RangeError('a value of the factorial is not finite');
  return factors;
}
