import type { Manifest, Measure, RaterInfo } from '../core/index.ts';
import { agreementOf, type ConsensusCache } from './agreement.ts';
import { answeredOnly } from './among-answered.ts';
import { type Applicability, applicabilityOf } from './applicability.ts';
import { bootstrapsOf } from './bootstrap.ts';
import { type Chain, chainShares, sharesAlong } from './chain-shares.ts';
import { type ComparedArms, type ContrastArm, contrastOf } from './contrast.ts';
import { correctedOf } from './corrected.ts';
import { correctedShares } from './corrected-shares.ts';
import { estimateStage } from './estimate.ts';
import { factorialOf } from './factorial.ts';
import type { Contrast, FlippedFindings, MeasureFindings, StageEstimate } from './findings.ts';
import { flippedSamples } from './flipped.ts';
import type { Margin } from './judge.ts';
import { judgeSensitivity } from './judge-sensitivity.ts';
import type { LabelDesign } from './label-design.ts';
import type { Look } from './looks.ts';
import { postStrata } from './post-strata.ts';
import { raterStageInteractions } from './rater-stage.ts';
import type { RatingColumn } from './rating-column.ts';
import { runsOf } from './replicates.ts';
import { signColumn } from './sign-column.ts';
import type { StagePair, StagePlan } from './stage-chain.ts';
import { type StageValues, stageValues } from './stage-values.ts';
import { stepsOf } from './steps.ts';
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

/**
 * The findings of every measure of an eval: one entry a rater that has values, in the manifest's order; a measure that
 * nobody has rated yet has one entry, which says what is missing.
 *
 * @param columns of this eval: of raters, of panels, of derived measures
 */
export function measureFindings(
  table: EvalTable,
  columns: readonly RatingColumn[],
  settings: MeasureSettings,
): MeasureFindings[] {
  const applicability = applicabilityOf(
    table,
    columns.filter(({ rater, measure }) => rater.panel === undefined && measure.derived === undefined),
  );
  const measures = table.info.measures.map((measure) =>
    viewsOf(table, measure, columns, settings).map((column) =>
      valuesOf(column, applicability(measure), settings),
    ),
  );
  const shown = measures.flat().flatMap(({ values }) => settings.plan.shown.map((stage) => values[stage]!));
  const { bootstrap: resamples, seed } = settings;
  const bootstraps = bootstrapsOf(shown, table.clusters, { resamples, seed });
  return measures.flatMap((ofMeasure) => {
    const views = ofMeasure.map((column) => viewOf(column, bootstraps, settings));
    const consensus: ConsensusCache = new Map();
    return views.map((view) => findingsOf(view, views, columns, consensus, { ...settings, applicability }));
  });
}

/** The measure's columns by rater, or an empty one where it has none. */
function viewsOf(
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

function valuesOf(
  column: RatingColumn,
  applicability: Applicability,
  { manifest }: MeasureSettings,
): ViewValues {
  const values = manifest.stages.map((_, stage) => stageValues(column, stage, applicability));
  return { column, values, unseen: applicability.unseen };
}

/** And what they say. */
interface View extends ViewValues {
  /** Of the stages to report, in their order. */
  readonly estimates: readonly StageEstimate[];
  /** Of the pairs to compare, in their order. */
  readonly comparisons: readonly ComparedArms[];
  readonly contrasts: readonly Contrast[];
  readonly again: readonly Contrast[];
  readonly margin: Margin;
}

function viewOf(
  viewed: ViewValues,
  bootstraps: ReturnType<typeof bootstrapsOf>,
  settings: MeasureSettings,
): View {
  const { manifest, plan, seed } = settings;
  const { column, values, unseen } = viewed;
  const { measure, table } = column;
  const arm = (stage: number): ContrastArm => {
    const { id, title, system = '' } = manifest.stages[stage]!;
    return { stage, id, title: title ?? id, system, values: values[stage]! };
  };
  const { margin, source: marginSource } = marginOf(measure, settings);
  const comparison = ([from, to]: StagePair): ComparedArms => ({
    column,
    from: arm(from),
    to: arm(to),
    unseen,
    margin,
    marginSource,
    seed,
  });
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
function marginOf(
  measure: Measure,
  { manifest: { margins, origin }, margin: asked, look, asWritten }: MeasureSettings,
): { readonly margin: Margin; readonly source: Contrast['marginSource'] } {
  const own = margins.byMeasure[measure.id];
  // The default is in points of a rate; a score of an import has another unit.
  const fallback = measure.kind === 'rate' || origin.kind === 'study' ? margins.default : null;
  const declared = own ?? fallback;
  const points = asked ?? declared;
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
    ...(look === undefined ? {} : { look }),
  };
  return { margin, source };
}

function findingsOf(
  view: View,
  views: readonly View[],
  columns: readonly RatingColumn[],
  consensus: ConsensusCache,
  settings: MeasureSettings & { readonly applicability: (measure: Measure) => Applicability },
): MeasureFindings {
  const { manifest, plan, headlineRater } = settings;
  const { column, values, margin } = view;
  const { measure, rater, table } = column;
  const headline = (views.find((one) => one.column.rater.id === headlineRater) ?? views[0]) === view;
  const along = plan.chains.map(
    (chain): Chain => ({ column, stages: manifest.stages, chain, margin: margin.points }),
  );
  const agreement = agreementOf(
    column,
    views.map((one) => one.column),
    columns.filter(
      (one) =>
        one.measure.id === (measure.derived?.from ?? measure.id) && settings.designOf(one) === undefined,
    ),
    manifest,
    plan.shown,
    consensus,
  );
  const rivals = views.map((one) => one.column).filter((one) => one !== column && isRival(one, column));
  const interactions =
    agreement === undefined
      ? []
      : raterStageInteractions(column, rivals, plan.pairs, (stage) => manifest.stages[stage]!.id);
  const flipped = headline ? flippedOf(view, settings) : [];
  const atSteps = { column, stages: manifest.stages, shown: plan.shown, values, margin: margin.points };
  const steps = headline ? stepsOf(atSteps) : [];
  const factorial = headline
    ? factorialOf({ column, stages: manifest.stages, shown: plan.shown, values, margin, seed: settings.seed })
    : undefined;
  const sensitivity = rater.panel === undefined ? undefined : sensitivityOf(view, columns, settings);
  const correctedView = rater.kind === 'human' ? undefined : corrected(view, views, columns, along, settings);
  return {
    id: measure.id,
    eval: table.info.id,
    rater: rater.id,
    title: measure.title,
    description: measure.description,
    kind: measure.kind,
    range: measure.range,
    ...(measure.rangeOf === undefined ? {} : { rangeOf: measure.rangeOf }),
    safer: measure.safer,
    headline,
    ...(measure.control ? { control: true } : {}),
    stages: view.estimates,
    contrasts: view.contrasts,
    ...(view.again.length === 0 ? {} : { again: view.again }),
    ...amongAnswered(view, columns, settings),
    ...sharesAlong(along, (chain) => chainShares(chain, values)),
    ...(flipped.length === 0 ? {} : { flipped }),
    ...(steps.length === 0 ? {} : { steps }),
    ...(factorial === undefined ? {} : { factorial }),
    ...(agreement === undefined
      ? {}
      : { agreement: { ...agreement, ...(interactions.length === 0 ? {} : { interactions }) } }),
    ...(sensitivity === undefined ? {} : { sensitivity }),
    ...(correctedView === undefined ? {} : { corrected: correctedView }),
  };
}

/** The contrasts once more, of the trials alone that were answered. */
function amongAnswered(
  { column, margin }: View,
  columns: readonly RatingColumn[],
  settings: MeasureSettings,
): Pick<MeasureFindings, 'amongAnswered'> {
  const only = answeredOnly(column, columns);
  if (only === undefined) return {};
  const { manifest, plan, seed } = settings;
  const { source: marginSource } = marginOf(column.measure, settings);
  const applicability = { applies: new Uint8Array(column.table.samples.length).fill(1), unseen: 0 };
  const arm = (stage: number): ContrastArm => {
    const { id, title, system = '' } = manifest.stages[stage]!;
    return { stage, id, title: title ?? id, system, values: stageValues(only.column, stage, applicability) };
  };
  return {
    amongAnswered: {
      control: only.control.measure.id,
      rater: only.control.rater.id,
      stages: plan.shown.map((stage) => ({ id: manifest.stages[stage]!.id, ...only.counts[stage]! })),
      contrasts: plan.pairs.map(([from, to]) =>
        contrastOf({
          column: only.column,
          from: arm(from),
          to: arm(to),
          unseen: 0,
          margin,
          marginSource,
          seed,
        }),
      ),
    },
  };
}

/** Whether two raters are to be held against each other: a panel is made of its members. */
function isRival({ rater: a }: RatingColumn, { rater: b }: RatingColumn): boolean {
  const isMember = (panel: RaterInfo, member: RaterInfo) => panel.panel?.members.includes(member.id) === true;
  return !isMember(a, b) && !isMember(b, a);
}

/** Of each contrast at most so many samples are listed, where nobody asks for all. */
const MOST_FLIPPED = 100;

function flippedOf(
  { column, comparisons, contrasts }: View,
  { flipped }: MeasureSettings,
): FlippedFindings[] {
  const { table, measure } = column;
  const clusters = Array.from(table.clusters, (cluster) => table.clusterNames[cluster]!);
  return comparisons.flatMap(({ from, to }, i) => {
    if (contrasts[i]!.difference === null) return [];
    const arms = { samples: table.samples, clusters, from: from.values.means, to: to.values.means };
    const samples = flippedSamples(arms, measure.safer);
    const up = samples.filter(({ change }) => change > 0).length;
    const all = flipped === true || flipped === measure.id;
    return [
      {
        from: from.id,
        to: to.id,
        up,
        down: samples.length - up,
        samples: all ? samples : samples.slice(0, MOST_FLIPPED),
      },
    ];
  });
}

function sensitivityOf(
  view: View,
  columns: readonly RatingColumn[],
  settings: MeasureSettings & { readonly applicability: (measure: Measure) => Applicability },
): MeasureFindings['sensitivity'] {
  const { manifest, plan } = settings;
  const { column, estimates, contrasts } = view;
  const { measure, rater } = column;
  const applicability = settings.applicability(measure);
  const rated = columns.filter(
    (one) =>
      one.measure.id === (measure.derived?.from ?? measure.id) && rater.panel!.members.includes(one.rater.id),
  );
  const known = new Map<RatingColumn, Map<number, StageValues>>();
  const valuesAt = (of: RatingColumn, stage: number): StageValues => {
    const byStage = known.get(of) ?? new Map<number, StageValues>();
    known.set(of, byStage);
    const values = byStage.get(stage) ?? stageValues(of, stage, applicability);
    byStage.set(stage, values);
    return values;
  };
  const armOf = (of: RatingColumn, stage: number): ContrastArm => {
    const { id, title, system = '' } = manifest.stages[stage]!;
    return { stage, id, title: title ?? id, system, values: valuesAt(of, stage) };
  };
  return judgeSensitivity({
    manifest,
    column,
    estimates,
    contrasts,
    rated,
    stages: plan.shown,
    valuesAt,
    comparisonOf: (of, pair) => {
      const [from, to] = plan.pairs[pair]!;
      const { marginSource } = contrasts[pair]!;
      const { unseen } = applicability;
      return {
        column: of,
        from: armOf(of, from),
        to: armOf(of, to),
        unseen,
        margin: view.margin,
        marginSource,
        seed: settings.seed,
      };
    },
  });
}

/** The human whose labels count as the truth: the headline rater where that is one, else the first that has values. */
function humanOf(views: readonly View[], headlineRater: string | undefined): View | undefined {
  const humans = views.filter(({ column }) => column.rater.kind === 'human');
  return humans.find(({ column }) => column.rater.id === headlineRater) ?? humans[0];
}

/** The values corrected by what humans say of all trials, of some that stemma drew, or of some that others chose. */
function corrected(
  view: View,
  views: readonly View[],
  columns: readonly RatingColumn[],
  along: readonly Chain[],
  { plan, headlineRater, designOf }: MeasureSettings,
): MeasureFindings['corrected'] {
  const { column: judge, estimates: judgeEstimates } = view;
  const human = humanOf(views, headlineRater);
  const labelled =
    human === undefined
      ? labelledColumn(judge.measure, columns, designOf)
      : { human: human.column, design: postStrata(judge) };
  if (labelled === undefined) return undefined;
  const labelling = { judge, ...labelled };
  const found = correctedOf({
    ...labelling,
    judgeEstimates,
    stages: plan.shown,
    compared: view.contrasts.map((contrast, i) => ({
      contrast,
      comparison: view.comparisons[i]!,
      ...(human === undefined ? {} : { byHuman: human.contrasts[i]! }),
    })),
    ...(human === undefined ? {} : { humanEstimates: human.estimates }),
  });
  return { ...found, ...sharesAlong(along, (chain) => correctedShares(chain, labelling)) };
}

/** The labels that were picked for a measure: those that several people came to together, else the first one's. */
function labelledColumn(
  measure: Measure,
  columns: readonly RatingColumn[],
  designOf: MeasureSettings['designOf'],
): { readonly human: RatingColumn; readonly design: LabelDesign } | undefined {
  const labelled = columns.flatMap((human) => {
    const design = human.measure === measure ? designOf(human) : undefined;
    return design === undefined ? [] : [{ human, design }];
  });
  return labelled.find(({ human }) => human.rater.id === 'human') ?? labelled[0];
}
