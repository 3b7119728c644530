import { categoryAgreement } from './category-agreement.ts';

/**
 * Fleiss' kappa, generalised to units that not every rater rated: chance agreement is that of two raters who both
 * draw from the overall prevalences. With two raters and nothing missing it is Scott's pi.
 *
 * @param units one array of ratings (category codes) a unit, `null` where a rater gave none; read once
 * @returns     `null` where it is undefined: no unit has two ratings, or only one category was ever used
 * @throws RangeError for a rating that is NaN
 * @see Fleiss (1971); Gwet (2014), Handbook of Inter-Rater Reliability, eq. 2.11 and its extension to missing ratings
 *
 * @example
 * fleissKappa([[1, 1, 0], [0, 0, 0], [1, 1, 1]]); // => 0.55
 */
export function fleissKappa(units: Iterable<readonly (number | null)[]>): number | null {
  const { observed, prevalence } = categoryAgreement(units);
  if (observed === null || prevalence.size < 2) return null;
  let byChance = 0;
  for (const share of prevalence.values()) byChance += share * share;
  return (observed - byChance) / (1 - byChance);
}
