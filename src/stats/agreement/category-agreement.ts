/** What the agreement coefficients of many raters on a nominal scale are made of. */
interface CategoryAgreement {
  /** Units with at least one rating, and those with at least two. */
  readonly units: number;
  readonly pairableUnits: number;
  /** Share of agreeing pairs of ratings, averaged over the units that have a pair; `null` where none has. */
  readonly observed: number | null;
  /** Each category's share of a unit's ratings, averaged over units with a rating; sums to 1. */
  readonly prevalence: ReadonlyMap<number, number>;
}

/**
 * Observed agreement and category prevalences of any number of raters, any ratings missing.
 *
 * @param units one array of ratings a unit, `null` where a rater gave none; read once
 * @throws RangeError for a rating that is NaN
 * @see Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed., ch. 2 and 3
 */
export function categoryAgreement(units: Iterable<readonly (number | null)[]>): CategoryAgreement {
  const shares = new Map<number, number>();
  const counts = new Map<number, number>();
  let rated = 0;
  let pairable = 0;
  let agreement = 0;
  for (const unit of units) {
    counts.clear();
    let ratings = 0;
    for (const rating of unit) {
      if (rating === null) continue;
      if (Number.isNaN(rating)) throw new RangeError('categoryAgreement: NaN is not a rating');
      counts.set(rating, (counts.get(rating) ?? 0) + 1);
      ratings++;
    }
    if (ratings === 0) continue;
    rated++;
    let agreeing = 0;
    for (const [category, count] of counts) {
      shares.set(category, (shares.get(category) ?? 0) + count / ratings);
      agreeing += count * (count - 1);
    }
    if (ratings < 2) continue;
    pairable++;
    agreement += agreeing / (ratings * (ratings - 1));
  }
  const prevalence = new Map([...shares].map(([category, share]) => [category, share / rated]));
  const observed = pairable === 0 ? null : agreement / pairable;
  return { units: rated, pairableUnits: pairable, observed, prevalence };
}
