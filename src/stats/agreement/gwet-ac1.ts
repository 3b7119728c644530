import { categoryAgreement } from './category-agreement.ts';

/**
 * Gwet's AC1: agreement of many raters beyond chance, where chance counts only the units that are hard to tell apart.
 * Unlike kappa it stays meaningful when nearly all ratings fall into one category, as with rare behaviour.
 *
 * @param units      one array of ratings (category codes) a unit, `null` where a rater gave none; read once
 * @param categories how many categories there were to choose from; by default those that occur
 * @returns          `null` where it is undefined: no unit has two ratings, or fewer than two categories
 * @throws RangeError for a rating that is NaN, or when more categories occur than there should be
 * @see Gwet (2008), "Computing inter-rater reliability and its variance in the presence of high agreement"
 *
 * @example
 * gwetAC1([[1, 1], [1, 0], [1, 1], [0, 0]]); // => 0.5294
 */
export function gwetAC1(units: Iterable<readonly (number | null)[]>, categories?: number): number | null {
  const { observed, prevalence } = categoryAgreement(units);
  const available = categories ?? prevalence.size;
  if (available < prevalence.size) {
    throw new RangeError(`gwetAC1: ${prevalence.size} categories occur, not ${available}`);
  }
  if (observed === null || available < 2) return null;
  let spread = 0;
  for (const share of prevalence.values()) spread += share * (1 - share);
  const byChance = spread / (available - 1);
  return (observed - byChance) / (1 - byChance);
}
