import { definedOnly } from '../core/defined-only.ts';
import { isLabeller, type Measure, type RaterInfo } from '../core/index.ts';
import { keptIn } from '../core/kept-in.ts';
import { agreementOf, type ConsensusCache } from './agreement.ts';
import { type Applicability, applicabilityOf } from './applicability.ts';
import { bootstrapsOf } from './bootstrap.ts';
import { type Chain, chainShares, sharesAlong } from './chain-shares.ts';
import { factorialOf } from './factorial.ts';
import type { MeasureFindings } from './findings.ts';
import { flippedSamples } from './flipped.ts';
import { judgeSensitivity } from './judge-sensitivity.ts';
import { amongAnswered } from './measure-among-answered.ts';
import { corrected, isWholly, truthOf } from './measure-truth.ts';
import { armOf, type MeasureSettings, type View, valuesOf, viewOf, viewsOf } from './measure-views.ts';
import type { FlippedFindings } from './part-findings.ts';
import { raterStageInteractions } from './rater-stage.ts';
import type { RatingColumn } from './rating-column.ts';
import { type StageValues, stageValues } from './stage-values.ts';
import { stepsOf } from './steps.ts';
import type { EvalTable } from './trial-table.ts';

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
  const truth = isLabeller(rater) ? undefined : truthOf(view, views, columns, settings);
  const correctedView = truth && corrected(view, truth, along, settings);
  const isWhole = truth !== undefined && isWholly(view, truth, plan.shown);
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
    ...amongAnswered(isWhole && headline ? (truth.view ?? view) : view, columns, settings),
    ...sharesAlong(along, (chain) => chainShares(chain, values)),
    ...(flipped.length === 0 ? {} : { flipped }),
    ...(steps.length === 0 ? {} : { steps }),
    ...definedOnly({
      factorial,
      agreement: agreement && { ...agreement, ...(interactions.length === 0 ? {} : { interactions }) },
      sensitivity,
      corrected: correctedView,
    }),
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
    const byStage = keptIn(known, of, () => new Map<number, StageValues>());
    return keptIn(byStage, stage, () => stageValues(of, stage, applicability));
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
        from: armOf(manifest, from, valuesAt(of, from)),
        to: armOf(manifest, to, valuesAt(of, to)),
        unseen,
        margin: view.margin,
        marginSource,
        seed: settings.seed,
      };
    },
  });
}
