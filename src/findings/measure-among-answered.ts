import type { Measure } from '../core/index.ts';
import { answeredOnly } from './among-answered.ts';
import type { Applicability } from './applicability.ts';
import { contrastOf } from './contrast.ts';
import type { MeasureFindings } from './findings.ts';
import { armOf, type MeasureSettings, marginOf, type View } from './measure-views.ts';
import type { RatingColumn } from './rating-column.ts';
import { stageValues } from './stage-values.ts';

/** The contrasts once more, of the trials alone that were answered. */
export function amongAnswered(
  { column, margin }: View,
  columns: readonly RatingColumn[],
  settings: MeasureSettings & { readonly applicability: (measure: Measure) => Applicability },
): Pick<MeasureFindings, 'amongAnswered'> {
  const only = answeredOnly(column, columns);
  if (only === undefined) return {};
  const { manifest, plan, seed } = settings;
  const { source: marginSource } = marginOf(column.measure, settings);
  const about = settings.applicability(column.measure).applies;
  const arm = (stage: number, applies: Uint8Array) =>
    armOf(manifest, stage, stageValues(only.column, stage, { applies, unseen: 0 }));
  return {
    amongAnswered: {
      values: column.rater.id,
      control: only.control.measure.id,
      rater: only.control.rater.id,
      stages: plan.shown.map((stage) => ({ id: manifest.stages[stage]!.id, ...only.counts[stage]! })),
      contrasts: plan.pairs.map(([from, to]) => {
        // What one of them did not answer is not a part of this comparison, and so not a lost answer of the other.
        const [one, other] = [only.answeredAt(from), only.answeredAt(to)];
        const applies = about.map((isAbout, sample) => isAbout & one[sample]! & other[sample]!);
        return contrastOf({
          column: only.column,
          from: arm(from, applies),
          to: arm(to, applies),
          unseen: 0,
          margin,
          marginSource,
          seed,
        });
      }),
    },
  };
}
