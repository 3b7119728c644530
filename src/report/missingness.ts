import type { Contrast, MeasureFindings, Missing, ShareFindings } from '../findings/findings.ts';
import { count, counted, listed } from '../format/index.ts';

/** Why a trial has no value, in the order in which it could come about. */
export const REASONS: readonly (readonly [keyof Omit<Missing, 'trials' | 'worstCase'>, string])[] = [
  ['notRun', 'not run'],
  ['errors', 'trial failed'],
  ['notRated', 'not rated'],
  ['unparsed', 'unparsed'],
  ['refused', 'rater declined'],
  ['raterErrors', 'rater failed'],
  ['ties', 'panel undecided'],
];

/** Whether any trial of any stage has no value. */
export function hasMissing(measure: MeasureFindings): boolean {
  return measure.stages.some(({ missing }) => missing.trials > 0);
}

/** What the missing values could change: the verdicts that were reached, and the comparisons that are open. */
export function robustness({ contrasts }: MeasureFindings, nameOf: (id: string) => string): string {
  const compared = contrasts.filter(({ verdict }) => verdict !== 'not compared');
  if (compared.length === 0) return 'Nothing could be compared.';
  const named = (pairs: readonly Contrast[]) =>
    pairs.length > 4
      ? counted(pairs.length, 'comparison')
      : listed(pairs.map(({ from, to }) => `${nameOf(from)} → ${nameOf(to)}`));
  const reached = compared.filter(({ verdict }) => verdict !== 'inconclusive');
  const fragile = reached.filter(({ robustToMissing }) => robustToMissing === false);
  const open = (robust: boolean | null) =>
    compared.filter(
      ({ verdict, robustToMissing }) => verdict === 'inconclusive' && robustToMissing === robust,
    );
  const said = [
    [
      fragile,
      `The verdict on ${named(fragile)} could be another one if all missing values had come out one way.`,
    ],
    [fragile.length === 0 ? reached : [], standing(reached, compared, named)],
    [open(true), `Open with or without them: ${named(open(true))}.`],
    [open(false), `Open, but not if all missing values had come out one way: ${named(open(false))}.`],
    [open(null), `Open for lack of clusters: ${named(open(null))}.`],
  ] as const;
  return said
    .filter(([pairs]) => pairs.length > 0)
    .map(([, sentence]) => sentence)
    .join(' ');
}

function standing(
  reached: readonly Contrast[],
  compared: readonly Contrast[],
  named: (pairs: readonly Contrast[]) => string,
): string {
  const verdicts =
    reached.length > 1
      ? `All ${count(reached.length)} verdicts`
      : `The verdict${compared.length > 1 ? ` on ${named(reached)}` : ''}`;
  return `${verdicts} would stand whatever the missing values were.`;
}

/**
 * ` on the 161 samples with a value in every stage`, where the comparisons of the same stages are on others: their
 * differences are then not those that shares are made of. Else nothing.
 */
export function samplesOfShares({ contrasts }: MeasureFindings, shares: ShareFindings): string {
  const differ = contrasts.some(
    ({ from, to, n }) =>
      n !== shares.n && [shares, ...shares.parts].some((part) => part.from === from && part.to === to),
  );
  return differ ? ` on the ${counted(shares.n, 'sample')} with a value in every stage` : '';
}
