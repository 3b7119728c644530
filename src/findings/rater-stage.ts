import { clusteredMean, FEWEST_CLUSTERS, holm, studentTCdf, studentTQuantile } from '../stats/index.ts';
import type { Interval } from './findings.ts';
import type { AgreementFindings } from './rater-findings.ts';
import type { RatingColumn } from './rating-column.ts';
import type { StagePair } from './stage-chain.ts';
import { firstCell } from './trial-table.ts';

type Interaction = NonNullable<AgreementFindings['interactions']>[number];

/**
 * Whether two raters see another change between two stages: the difference of their differences, on trials that both rated
 * in both stages. Where they do, at least one of them errs differently at the two stages, and its difference is partly error.
 *
 * @param column of the rater whose findings these are
 * @param others of the other raters of the measure
 * @param idOf   the id of a stage by its number
 */
export function raterStageInteractions(
  column: RatingColumn,
  others: readonly RatingColumn[],
  pairs: readonly StagePair[],
  idOf: (stage: number) => string,
): readonly Interaction[] {
  const found = others.flatMap((other) =>
    pairs.flatMap(([from, to]) => {
      const changes = changesOfDisagreement(column, other, from, to);
      const seen = { rater: other.rater.id, from: idOf(from), to: idOf(to), n: changes.values.length };
      const tested = testOf(changes);
      return tested === undefined ? [] : [{ ...seen, ...tested }];
    }),
  );
  const adjusted = holm(found.map(({ p }) => p));
  return found.map((one, i) => ({ ...one, pHolm: adjusted[i]! }));
}

function testOf({
  values,
  clusters,
}: {
  readonly values: readonly number[];
  readonly clusters: readonly number[];
}): { readonly difference: number; readonly interval: Interval; readonly p: number } | undefined {
  if (new Set(clusters).size < FEWEST_CLUSTERS) return undefined;
  const { mean, cr2, df } = clusteredMean(values, clusters);
  if (cr2 === null || df === null) return undefined;
  const reach = studentTQuantile(0.975, df) * cr2;
  const p = cr2 === 0 ? Number(mean === 0) : Math.min(1, 2 * studentTCdf(-Math.abs(mean) / cr2, df));
  return { difference: mean, interval: [mean - reach, mean + reach], p };
}

/** Of each sample that both rated in both stages: how much further the first rater is above the other at the second stage. */
function changesOfDisagreement(a: RatingColumn, b: RatingColumn, from: number, to: number) {
  const { table } = a;
  const kept = { values: [] as number[], clusters: [] as number[] };
  for (let sample = 0; sample < table.samples.length; sample++) {
    const change = excess(a, b, to, sample) - excess(a, b, from, sample);
    if (Number.isNaN(change)) continue;
    kept.values.push(change);
    kept.clusters.push(table.clusters[sample]!);
  }
  return kept;
}

/** The first rater's values less the other's, on average over the trials of a sample that both rated; NaN for none. */
function excess(a: RatingColumn, b: RatingColumn, stage: number, sample: number): number {
  const first = firstCell(a.table, stage, sample);
  let [sum, there] = [0, 0];
  for (let cell = first; cell < first + a.table.epochs; cell++) {
    const difference = a.values[cell]! - b.values[cell]!;
    if (Number.isNaN(difference)) continue;
    sum += difference;
    there++;
  }
  return there === 0 ? Number.NaN : sum / there;
}
