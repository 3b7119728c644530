import type { EvalInfo, Measure, Rating } from '../core/index.ts';
import type { RunWriter } from '../records/index.ts';

/**
 * Widens the ranges of measures of which nobody said what values they can have, before ratings outside them are recorded: a
 * range in a manifest holds every value in the records.
 *
 * @returns `undefined` where no rating is outside
 */
export function widenRanges(
  writer: Pick<RunWriter, 'manifest' | 'changeManifest'>,
  ratings: readonly Rating[],
): Promise<void> | undefined {
  const isOutside = ({ measure, value }: Rating) =>
    value !== null &&
    writer.manifest.evals.some(({ measures }) =>
      measures.some((one) => one.id === measure && one.rangeOf === 'values' && !holds(one, value)),
    );
  const outside = ratings.filter(isOutside);
  if (outside.length === 0) return undefined;
  return writer.changeManifest((manifest) => ({
    ...manifest,
    evals: manifest.evals.map(
      (info): EvalInfo => ({ ...info, measures: info.measures.map((one) => widened(one, outside)) }),
    ),
  }));
}

function holds({ range: [bottom, top] }: Measure, value: number): boolean {
  return value >= bottom && value <= top;
}

function widened(measure: Measure, ratings: readonly Rating[]): Measure {
  if (measure.rangeOf !== 'values') return measure;
  const values = ratings.flatMap(({ measure: id, value }) =>
    id === measure.id && value !== null ? [value] : [],
  );
  const [bottom, top] = measure.range;
  return values.length === 0
    ? measure
    : { ...measure, range: [Math.min(bottom, ...values), Math.max(top, ...values)] };
}
