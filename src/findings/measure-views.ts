import type { Manifest, Measure, RaterInfo } from '../core/index.ts';
import type { Applicability } from './applicability.ts';
import type { bootstrapsOf } from './bootstrap.ts';
import { type ComparedArms, type ContrastArm, contrastOf } from './contrast.ts';
import type { Contrast, StageEstimate } from './contrast-findings.ts';
import { estimateStage } from './estimate.ts';
import type { Margin } from './judge.ts';
import type { LabelDesign } from './label-design.ts';
import { type Look, levelsAt } from './looks.ts';
import type { RatingColumn } from './rating-column.ts';
import { runsOf } from './replicates.ts';
import { signColumn } from './sign-column.ts';
import type { StagePair, StagePlan } from './stage-chain.ts';
import { type StageValues, stageValues } from './stage-values.ts';
import type { EvalTable } from './trial-table.ts';

/** What every measure's findings are made with: what the manifest says, or what was asked for in its place. */
export interface MeasureSettings {
  readonly manifest: Manifest;
  /** Whether nobody has changed the manifest by hand; else its margins are post hoc. */
  readonly asWritten: boolean;
  readonly plan: StagePlan;
  readonly headlineRater: string | undefined;
  /** Asked for in place of the declared ones. */
  readonly margin: number | undefined;
  /** Resamples of the cluster bootstrap; 0 for none. */
  readonly bootstrap: number;
  readonly seed: number;
  /** At which of the declared looks the findings are made; left out where none was declared. */
  readonly look: Look | undefined;
  /** Of this measure every sample that changed is listed. */
  readonly flipped: string | true | undefined;
  /** How a human's labels were picked, where they were. */
  readonly designOf: (column: RatingColumn) => LabelDesign | undefined;
}

/** The measure's columns by rater, or an empty one where it has none. */
export function viewsOf(
  table: EvalTable,
  measure: Measure,
  columns: readonly RatingColumn[],
  { manifest, headlineRater, designOf }: MeasureSettings,
): RatingColumn[] {
  if (measure.without !== undefined) return [signColumn(table, measure)];
  // Labels that were picked by what judges say are not a view of a measure: unweighted they would mislead.
  const found = manifest.raters.flatMap((rater) =>
    columns.filter(
      (column) => column.measure === measure && column.rater === rater && designOf(column) === undefined,
    ),
  );
  const expected = manifest.raters.find(({ id }) => id === headlineRater);
  return found.length > 0 || expected === undefined ? found : [emptyColumn(table, measure, expected)];
}

function emptyColumn(table: EvalTable, measure: Measure, rater: RaterInfo): RatingColumn {
  return {
    table,
    measure,
    rater,
    values: new Float64Array(table.cells).fill(Number.NaN),
    status: new Uint8Array(table.cells),
    versions: [],
  };
}

/** A measure as one rater sees it: the values. */
interface ViewValues {
  readonly column: RatingColumn;
  readonly unseen: number;
  /** Of every stage of the manifest, by number. */
  readonly values: readonly StageValues[];
}

export function valuesOf(
  column: RatingColumn,
  applicability: Applicability,
  { manifest }: MeasureSettings,
): ViewValues {
  const values = manifest.stages.map((_, stage) => stageValues(column, stage, applicability));
  return { column, values, unseen: applicability.unseen };
}

/** A stage of the manifest, by number, as one side of a comparison. */
export function armOf({ stages }: Manifest, stage: number, values: StageValues): ContrastArm {
  const { id, title = id, system = '' } = stages[stage]!;
  return { stage, id, title, system, values };
}

/** And what they say. */
export interface View extends ViewValues {
  /** Of the stages to report, in their order. */
  readonly estimates: readonly StageEstimate[];
  /** Of the pairs to compare, in their order. */
  readonly comparisons: readonly ComparedArms[];
  readonly contrasts: readonly Contrast[];
  readonly again: readonly Contrast[];
  readonly margin: Margin;
}

export function viewOf(
  viewed: ViewValues,
  bootstraps: ReturnType<typeof bootstrapsOf>,
  settings: MeasureSettings,
): View {
  const { manifest, plan, seed, look } = settings;
  const { column, values, unseen } = viewed;
  const { measure, table } = column;
  const arm = (stage: number) => armOf(manifest, stage, values[stage]!);
  const { margin, source: marginSource } = marginOf(measure, settings);
  const comparison = ([first, second]: StagePair): ComparedArms => {
    const [from, to] = [arm(first), arm(second)];
    return {
      ...{ column, from, to, unseen, margin, marginSource, seed },
      ...(look === undefined
        ? {}
        : {
            levelsAt: (now) =>
              levelsAt(look, now, {
                ...{ eval: table.info.id, measure: measure.id, rater: column.rater.id },
                ...{ from: from.id, to: to.id },
              }),
          }),
    };
  };
  const comparisons = plan.pairs.map(comparison);
  return {
    ...viewed,
    estimates: plan.shown.map((stage) => {
      const { id, values: ofStage } = arm(stage);
      const runs = runsOf(column, null, stage);
      return estimateStage(id, measure, ofStage, table.clusters, bootstraps.get(ofStage), runs);
    }),
    comparisons,
    contrasts: comparisons.map(contrastOf),
    again: plan.again.map(comparison).map(contrastOf),
    margin,
  };
}

/** What counts as the same: what was asked for, what was declared, or stemma's own for rates. */
export function marginOf(
  measure: Measure,
  { manifest: { margins, origin }, margin: asked, look, asWritten }: MeasureSettings,
): { readonly margin: Margin; readonly source: Contrast['marginSource'] } {
  const own = margins.byMeasure[measure.id];
  // The default is in points of a rate; a score of an import has another unit.
  const hasDefault = !measure.noMargin && (measure.kind === 'rate' || origin.kind === 'study');
  const fallback = hasDefault ? margins.default : null;
  const declared = own ?? fallback;
  const points = measure.noMargin ? declared : (asked ?? declared);
  const ratio = measure.kind === 'rate' ? margins.ratios?.[measure.id] : undefined;
  const source =
    points !== declared || !asWritten
      ? 'post hoc'
      : points === null
        ? 'none'
        : origin.kind === 'import' && own === undefined
          ? 'default'
          : 'declared';
  const margin = {
    points,
    ...(ratio === undefined ? {} : { ratio }),
    ...(look === undefined ? {} : { look: levelsAt(look, { values: look.recorded, standardError: null }) }),
  };
  return { margin, source };
}
