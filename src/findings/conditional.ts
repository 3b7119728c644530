import { type Analysis, InputError, type Manifest } from '../core/index.ts';
import { nearest } from '../files/index.ts';
import { mover } from '../stats/index.ts';
import { meanOfPresent } from './estimate.ts';
import type { MeasureFindings } from './findings.ts';
import type { ConditionalFindings, ConditionalPart } from './part-findings.ts';
import { differenceRange, possibleInterval } from './possible.ts';
import type { RatingColumn } from './rating-column.ts';
import { firstCell } from './trial-table.ts';

type Declared = NonNullable<Analysis['conditional']>[number];

/**
 * A measure where another one of the same trial has a value, and where it has not: at every stage, each with its interval, and
 * their difference. Both as the headline rater of their measure sees them.
 *
 * @throws InputError for a measure that no eval of the run has
 */
export function conditionalFindings(
  declared: readonly Declared[],
  columns: readonly RatingColumn[],
  measures: readonly MeasureFindings[],
  { stages, evals }: Manifest,
  shown: readonly number[],
): ConditionalFindings[] {
  const known = evals.flatMap((info) => info.measures.map(({ id }) => id));
  return declared.flatMap(({ measure, given, atLeast = 1 }) => {
    for (const id of [measure, given]) requireKnown(id, known);
    const headline = measures.find((one) => one.id === measure && one.headline);
    const rated = columns.find(
      (column) => column.measure.id === measure && column.rater.id === headline?.rater,
    );
    if (headline === undefined || rated === undefined) return [];
    const raters = [
      headline.rater,
      ...measures.filter((one) => one.id === given && one.headline).map(({ rater }) => rater),
    ];
    const condition = raters
      .map((rater) =>
        columns.find(
          (column) =>
            column.table === rated.table && column.measure.id === given && column.rater.id === rater,
        ),
      )
      .find((column) => column !== undefined);
    if (condition === undefined) return [];
    return [
      {
        measure,
        given,
        atLeast,
        title: rated.measure.title,
        givenTitle: condition.measure.title,
        kind: rated.measure.kind,
        rater: rated.rater.id,
        givenRater: condition.rater.id,
        stages: shown.map((stage) => ({
          id: stages[stage]!.id,
          ...atStage(rated, condition, atLeast, stage),
        })),
      },
    ];
  });
}

function requireKnown(id: string, known: readonly string[]): void {
  if (known.includes(id)) return;
  const near = nearest(id, known);
  throw new InputError(
    `analysis.conditional names "${id}", which no eval of the run measures${near === undefined ? '' : `; did you mean "${near}"?`}`,
    { remedy: `Its measures are: ${[...new Set(known)].join(', ')}.` },
  );
}

function atStage(
  rated: RatingColumn,
  condition: RatingColumn,
  atLeast: number,
  stage: number,
): Omit<ConditionalFindings['stages'][number], 'id'> {
  const holds = partOf(rated, stage, (cell) => condition.values[cell]! >= atLeast);
  const not = partOf(rated, stage, (cell) => condition.values[cell]! < atLeast);
  const all = holds.trials + not.trials;
  const share = all === 0 ? null : holds.trials / all;
  const known = holds.estimate !== null && not.estimate !== null;
  const told = ({ n, clusters, trials, estimate, interval }: PartValues): ConditionalPart => ({
    ...{ n, clusters, trials, estimate, interval },
  });
  const both = known && holds.interval !== null && not.interval !== null;
  const interval = both
    ? possibleInterval(
        mover(
          { estimate: not.estimate, interval: not.interval },
          { estimate: holds.estimate, interval: holds.interval },
          correlationOf(holds.residuals, not.residuals),
        ),
        differenceRange(rated.measure),
      )
    : null;
  return {
    share,
    holds: told(holds),
    not: told(not),
    difference: known ? holds.estimate - not.estimate : null,
    interval,
  };
}

/** The measure over the trials that fit: a sample's value is the mean of those of its trials. */
function partOf(
  { table, values, measure }: RatingColumn,
  stage: number,
  fits: (cell: number) => boolean,
): PartValues {
  const means: number[] = [];
  const clusters: number[] = [];
  let trials = 0;
  for (let sample = 0; sample < table.samples.length; sample++) {
    const first = firstCell(table, stage, sample);
    let sum = 0;
    let count = 0;
    for (let cell = first; cell < first + table.epochs; cell++) {
      if (Number.isNaN(values[cell]) || !fits(cell)) continue;
      sum += values[cell]!;
      count++;
    }
    if (count === 0) continue;
    trials += count;
    means.push(sum / count);
    clusters.push(table.clusters[sample]!);
  }
  const facts = { n: means.length, clusters: new Set(clusters).size, trials };
  const residuals = new Map<number, number>();
  if (means.length === 0) return { ...facts, estimate: null, interval: null, residuals };
  const seen = { values: Float64Array.from(means), clusters: Int32Array.from(clusters) };
  const { estimate, interval } = meanOfPresent(measure, seen, trials / means.length);
  const center = means.reduce((sum, value) => sum + value, 0) / means.length;
  means.forEach((value, i) => {
    residuals.set(clusters[i]!, (residuals.get(clusters[i]!) ?? 0) + value - center);
  });
  return { ...facts, estimate, interval, residuals };
}

interface PartValues extends ConditionalPart {
  /** By cluster: the sum of its samples' values less the mean. */
  readonly residuals: ReadonlyMap<number, number>;
}

/** With fewer clusters that hold both parts than these, nobody can say that they make the parts alike. */
const FEWEST_SHARED = 10;

/** How two means vary together, as the clusters that hold samples of both parts show it. */
function correlationOf(a: PartValues['residuals'], b: PartValues['residuals']): number {
  const squares = (sums: PartValues['residuals']) =>
    [...sums.values()].reduce((all, sum) => all + sum ** 2, 0);
  const shared = [...a.keys()].filter((cluster) => b.has(cluster));
  const together = shared.reduce((sum, cluster) => sum + a.get(cluster)! * b.get(cluster)!, 0);
  const scale = Math.sqrt(squares(a) * squares(b));
  const correlation = scale === 0 ? 0 : together / scale;
  return shared.length < FEWEST_SHARED ? Math.min(0, correlation) : correlation;
}
