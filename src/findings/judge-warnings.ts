import { count, listed, percent } from '../format/index.ts';
import { cohenKappa } from '../stats/index.ts';
import type { RatingColumn } from './rating-column.ts';

/** With fewer ratings, one value for all is not surprising. */
const FEWEST = 10;
/** From these shares on, a judge is warned of: of placeholders, of one explanation, of trials where a second rater disagrees. */
const PLACEHOLDERS = 0.1;
const REPEATED = 0.5;
const DISAGREED = 0.05;
/** Kappa below this is agreement near chance; but not where two raters hardly ever differ, since then it says nothing. */
const NEAR_CHANCE = 0.1;
const MOSTLY_AGREED = 0.8;
/** More different values than this are not categories. */
const MOST_CATEGORIES = 20;

/**
 * Sentences about judges that may not have read what they rated: placeholders in place of explanations, one rating for all
 * transcripts, and agreement near chance with a second rater.
 *
 * @param columns ratings as they were given: no panels, no derived measures
 */
export function judgeWarnings(columns: readonly RatingColumn[]): string[] {
  const judged = columns.filter(({ rater }) => rater.kind === 'autorater');
  const byJudge = [...Map.groupBy(judged, ({ rater }) => rater.id)];
  return byJudge.flatMap(([judge, own]) => [
    ...placeholders(judge, own),
    ...constant(judge, own, columns),
    ...nearChance(judge, own, columns),
  ]);
}

const CHECK = 'Check it with `stemma raters check`, and do not rely on its ratings until then.';

function placeholders(judge: string, columns: readonly RatingColumn[]): string[] {
  const bad = columns.filter(({ explanations: of }) => {
    return of !== undefined && of.given >= FEWEST && of.placeholders / of.given >= PLACEHOLDERS;
  });
  if (bad.length === 0) return [];
  const sum = (pick: 'placeholders' | 'given') =>
    bad.reduce((total, one) => total + one.explanations![pick], 0);
  return [
    `The judge "${judge}" wrote a placeholder in place of an explanation in ${count(sum('placeholders'))} of ${count(sum('given'))} ratings of ${titles(bad)}. It may not have read the transcripts. ${CHECK}`,
  ];
}

function constant(judge: string, own: readonly RatingColumn[], all: readonly RatingColumn[]): string[] {
  const alike = own.filter((column) => isConstant(column));
  const doubted = alike.filter(
    (column) =>
      repeatsExplanations(column) || secondRaters(column, all).some((other) => disagrees(column, other)),
  );
  if (doubted.length === 0) return [];
  const why = doubted.some(repeatsExplanations)
    ? 'with explanations that repeat'
    : 'where a second rater sees differences';
  return [`The judge "${judge}" rated all transcripts alike on ${titles(doubted)}, ${why}. ${CHECK}`];
}

function nearChance(judge: string, own: readonly RatingColumn[], all: readonly RatingColumn[]): string[] {
  const pairs = own.flatMap((column) =>
    isConstant(column)
      ? []
      : secondRaters(column, all).flatMap((other) => {
          const { n, same, kappa } = comparison(column, other);
          const isNear = n >= 2 * FEWEST && same / n < MOSTLY_AGREED && kappa !== null && kappa < NEAR_CHANCE;
          return isNear && !isConstant(other) ? [{ column, other, agreement: same / n }] : [];
        }),
  );
  return [...Map.groupBy(pairs, ({ other }) => other.rater.id)].map(([other, found]) => {
    const least = Math.min(...found.map(({ agreement }) => agreement));
    const measures = titles(found.map(({ column }) => column));
    return `The judge "${judge}" and the rater "${other}" agree no more than by chance on ${measures} (they give one value in ${percent(least)} of the trials): one of them is wrong. Label some transcripts by hand (\`stemma label\`) to see which.`;
  });
}

function titles(columns: readonly RatingColumn[]): string {
  return listed([...new Set(columns.map(({ measure }) => measure.title))]);
}

function repeatsExplanations({ explanations }: RatingColumn): boolean {
  return (
    explanations !== undefined &&
    explanations.given >= FEWEST &&
    explanations.mostFrequent / explanations.given >= REPEATED
  );
}

/** Whether all trials got one label, or one value where there are no labels. */
function isConstant({ values, labels }: RatingColumn): boolean {
  const given = labels === undefined ? values : labels.numbers;
  let first: number | undefined;
  let rated = 0;
  for (const [cell, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    rated++;
    first ??= given[cell]!;
    if (given[cell] !== first) return false;
  }
  return rated >= FEWEST;
}

function secondRaters({ rater, measure, table }: RatingColumn, all: readonly RatingColumn[]): RatingColumn[] {
  return all.filter((other) => other.table === table && other.measure === measure && other.rater !== rater);
}

function disagrees(column: RatingColumn, other: RatingColumn): boolean {
  const { n, same } = comparison(column, other);
  return n >= FEWEST && (n - same) / n >= DISAGREED;
}

/** How two raters agree on the trials that both gave a value, over all stages. */
function comparison(a: RatingColumn, b: RatingColumn): { n: number; same: number; kappa: number | null } {
  const cells = [...a.values.keys()].filter(
    (cell) => !Number.isNaN(a.values[cell]) && !Number.isNaN(b.values[cell]),
  );
  const categories = [...new Set(cells.flatMap((cell) => [a.values[cell]!, b.values[cell]!]))];
  const same = cells.filter((cell) => a.values[cell] === b.values[cell]).length;
  const places = new Map(categories.map((value, place) => [value, place]));
  if (categories.length > MOST_CATEGORIES) return { n: cells.length, same, kappa: null };
  const counts = categories.map(() => categories.map(() => 0));
  for (const cell of cells) counts[places.get(a.values[cell]!)!]![places.get(b.values[cell]!)!]!++;
  return { n: cells.length, same, kappa: cells.length === 0 ? null : cohenKappa(counts) };
}
