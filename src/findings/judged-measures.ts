import { withAdjustedP } from './adjusted.ts';
import { differencesOf } from './contrast.ts';
import type { Contrast } from './contrast-findings.ts';
import { withFamily } from './family.ts';
import type { FindingsStage, MeasureFindings } from './findings.ts';
import { withLabelsLeading } from './leading.ts';
import { withLook } from './looks.ts';
import { measureFindings } from './measure-findings.ts';
import type { MeasureSettings } from './measure-views.ts';
import { withAgreedVerdicts } from './raters-agree.ts';
import type { RatingColumn } from './rating-column.ts';
import { distinctTitles } from './titles.ts';
import type { EvalTable } from './trial-table.ts';

/** Everything that findings of measures are made from. */
interface JudgedColumns {
  /** The evals, and what is derived from them over epochs. */
  readonly tables: readonly EvalTable[];
  readonly columns: readonly RatingColumn[];
  /** Clusters are flipped together within each of these evals, by id. */
  readonly blocks: readonly string[];
  readonly stages: readonly FindingsStage[];
  /** Whether somebody said whose values make the headlines. */
  readonly declaredRater: boolean;
}

/**
 * The findings of all measures with the rules of the whole answer: labels that suffice lead, the whole family of comparisons is
 * counted, several raters must agree, and before the first declared look nothing is shown.
 */
export function judgedMeasures(
  { tables, columns, blocks, stages, declaredRater }: JudgedColumns,
  settings: MeasureSettings,
): MeasureFindings[] {
  const { manifest, look } = settings;
  const each = distinctTitles(
    tables.flatMap((table) =>
      measureFindings(
        table,
        columns.filter((column) => column.table === table),
        settings,
      ),
    ),
  );
  const blockOf = new Map(blocks.map((id, block) => [id, block]));
  const joint = (contrast: Contrast) => {
    const found = differencesOf(contrast);
    return found === undefined ? undefined : { sums: found.sums, block: blockOf.get(found.eval)! };
  };
  const counted = withFamily(withLabelsLeading(each, stages), stages, joint, manifest.analysis.seed);
  return withLook(withAdjustedP(withAgreedVerdicts(counted, stages, manifest, declaredRater)), stages, look);
}
