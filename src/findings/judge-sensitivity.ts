import type { Manifest } from '../core/index.ts';
import { type ComparedArms, comparedBriefly } from './contrast.ts';
import type { Contrast, StageEstimate } from './contrast-findings.ts';
import { ofMeasure } from './derived-column.ts';
import { panelColumn } from './panel-column.ts';
import type { SensitivityFindings } from './rater-findings.ts';
import type { RatingColumn } from './rating-column.ts';
import type { StageValues } from './stage-values.ts';

/** A panel's view of a measure, and what it takes to see it through other judges. */
interface Sensitive {
  readonly manifest: Manifest;
  /** The panel's column. */
  readonly column: RatingColumn;
  /** The panel's estimates and contrasts, in the order of `stages` and `pairs`. */
  readonly estimates: readonly StageEstimate[];
  readonly contrasts: readonly Contrast[];
  /** Its members' columns of the measure that this one is derived from; the same where it is rated itself. */
  readonly rated: readonly RatingColumn[];
  readonly stages: readonly number[];
  /** The values of a column at a stage. */
  readonly valuesAt: (column: RatingColumn, stage: number) => StageValues;
  /** What one pair of stages is compared with, in the order of `contrasts`, as another column has it. */
  readonly comparisonOf: (column: RatingColumn, pair: number) => ComparedArms;
}

/**
 * How much a panel's findings hang on who sits on it: every estimate and every verdict once without each member (leave one
 * out), and once by each member alone (the judge that a study with one judge would have had).
 *
 * @returns `undefined` where fewer than two members have rated
 */
export function judgeSensitivity(sensitive: Sensitive): SensitivityFindings | undefined {
  const { column, rated, manifest } = sensitive;
  if (rated.length < 2) return undefined;
  const { measure, rater: panel } = column;
  const without = rated.map((left) => {
    const others = rated.filter((member) => member !== left);
    return { judge: left.rater.id, column: ofMeasure(panelColumn(manifest, panel, others), measure) };
  });
  const alone = rated.map((member) => ({ judge: member.rater.id, column: ofMeasure(member, measure) }));
  return {
    judges: rated.map(({ rater }) => rater.id),
    stages: sensitive.stages.map((stage, index) => stageRange(sensitive, stage, index, without)),
    contrasts: sensitive.contrasts.map((contrast, pair) => {
      const seen = (columns: readonly SeenColumn[]) =>
        columns.map(({ judge, column: other }) => ({
          judge,
          ...comparedBriefly(sensitive.comparisonOf(other, pair)),
        }));
      const [left, swapped] = [seen(without), seen(alone)];
      const stands = (others: readonly { readonly verdict: Contrast['verdict'] }[]) =>
        others.every(({ verdict }) => verdict === contrast.verdict);
      return {
        from: contrast.from,
        to: contrast.to,
        verdict: contrast.verdict,
        without: left,
        alone: swapped,
        standsWithout: stands(left),
        standsAlone: stands(swapped),
      };
    }),
  };
}

interface SeenColumn {
  readonly judge: string;
  readonly column: RatingColumn;
}

function stageRange(
  { estimates, valuesAt }: Sensitive,
  stage: number,
  index: number,
  without: readonly SeenColumn[],
): SensitivityFindings['stages'][number] {
  const { id } = estimates[index]!;
  const left = without.map(({ judge, column }) => ({
    judge,
    estimate: meanOf(valuesAt(column, stage).means),
  }));
  const known = left.flatMap(({ estimate }) => estimate ?? []);
  return {
    id,
    without: left,
    range: known.length === 0 ? null : [Math.min(...known), Math.max(...known)],
  };
}

/** Of the samples that have a value. */
function meanOf(means: Float64Array): number | null {
  const present = means.filter((mean) => !Number.isNaN(mean));
  return present.length === 0 ? null : present.reduce((sum, mean) => sum + mean, 0) / present.length;
}
