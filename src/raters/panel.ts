import type { PanelCombination, RaterInfo, Rating, RatingStatus } from '../core/index.ts';

/** A panel as `combinePanel` needs it. */
export interface PanelInfo extends NonNullable<RaterInfo['panel']> {
  /** The model family of each member that has one, by rater id. */
  readonly families: ReadonlyMap<string, string>;
}

/** One member's rating: the part of a `Rating` that a panel looks at. */
export type MemberRating = Pick<Rating, 'rater' | 'status' | 'value'>;

/** What a panel says about one measure of one trial. */
export interface PanelValue {
  /** `null` unless `status` is `rated`. */
  readonly value: number | null;
  /**
   * `tie`: a majority was asked for and two values were equally frequent. `not-rated`: no member that counts has
   * rated. Else, where no member that counts has a value, what most of them said instead (a tie between those goes to
   * the first of `unparsed`, `refused`, `error`).
   */
  readonly status: RatingStatus | 'tie' | 'not-rated';
  /** Members whose values were combined. */
  readonly counted: readonly string[];
  /** Members left out because they are of the stage's own family. */
  readonly excluded: readonly string[];
}

/**
 * A panel of the manifest with the families of its members, looked up among the manifest's raters.
 *
 * @throws RangeError when `panel` is not a panel
 */
export function panelInfo(panel: RaterInfo, raters: readonly RaterInfo[]): PanelInfo {
  if (panel.panel === undefined) throw new RangeError(`rater "${panel.id}" is not a panel`);
  const families = raters.flatMap(({ id, family }) => (family === undefined ? [] : [[id, family] as const]));
  return { ...panel.panel, families: new Map(families) };
}

/**
 * Combines the members' values for one measure of one trial into the panel's.
 *
 * Only members count that gave a value and, where `excludeOwnFamily` is set, are of another family than the stage
 * (family names are compared without case). The median of an even number of values is the midpoint of the two in the
 * middle, so that judges who say 2 and 3 combine to 2.5. A majority is the most frequent value; a tie for the most
 * frequent gives no value rather than an arbitrary one. `any` is the largest value. The order of the ratings never matters.
 *
 * @param ratings       ratings of one measure of one trial, by any raters, one a rater; those of non-members are ignored
 * @param familyOfStage the family of the stage that was rated; `undefined` excludes nobody
 */
export function combinePanel(
  ratings: readonly MemberRating[],
  info: PanelInfo,
  familyOfStage: string | undefined,
): PanelValue {
  const own = (rater: string) =>
    info.excludeOwnFamily &&
    familyOfStage !== undefined &&
    info.families.get(rater)?.toLowerCase() === familyOfStage.toLowerCase();
  const excluded = info.members.filter(own);
  const eligible = ratings.filter(({ rater }) => info.members.includes(rater) && !own(rater));
  const rated = eligible.filter((rating) => rating.status === 'rated' && rating.value !== null);
  const counted = info.members.filter((member) => rated.some(({ rater }) => rater === member));
  if (rated.length === 0) return { value: null, status: whyNone(eligible), counted, excluded };
  const values = rated.map((rating) => rating.value!);
  const value = COMBINE[info.combine](values);
  return { value, status: value === null ? 'tie' : 'rated', counted, excluded };
}

/** Of at least one value; `null` where they can't be combined. */
const COMBINE: Readonly<Record<PanelCombination, (values: readonly number[]) => number | null>> = {
  median,
  majority: mostFrequent,
  any: (values) => Math.max(...values),
};

function whyNone(ratings: readonly MemberRating[]): PanelValue['status'] {
  const statuses = ['unparsed', 'refused', 'error'] as const;
  const counts = statuses.map((status) => ratings.filter((rating) => rating.status === status).length);
  const largest = Math.max(...counts);
  return largest === 0 ? 'not-rated' : statuses[counts.indexOf(largest)]!;
}

/** @param values at least one */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle]!;
  return sorted.length % 2 === 1 ? upper : (sorted[middle - 1]! + upper) / 2;
}

/** @returns `null` for a tie */
function mostFrequent(values: readonly number[]): number | null {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const largest = Math.max(...counts.values());
  const winners = [...counts].filter(([, count]) => count === largest);
  return winners.length === 1 ? winners[0]![0] : null;
}
