import { InputError } from '../../core/index.ts';
import {
  type Contrast,
  type MeasureFindings,
  makeFindings,
  type StageEstimate,
  type Verdict,
} from '../../findings/index.ts';
import { openRun } from '../../records/index.ts';
import { type Interval, leastCount, verdict } from '../../stats/index.ts';
import { type ExpectedArm, expectedEstimate, expectedInterval, expectedVariance } from './expected.ts';
import { labelledMeasures } from './measure.ts';

interface LabelPlanOptions {
  readonly folder: string;
  readonly measures: readonly string[];
  /** The judge whose estimates are to be corrected; by default the one that makes the headlines. */
  readonly judge?: string;
  /** Assumed where fewer than 50 labels say what they are; 0.9 by default. */
  readonly sensitivity?: number;
  readonly specificity?: number;
  /** Of the judge's scores with people's, for measures that are scores; 0.7 by default. */
  readonly correlation?: number;
}

/** What labels are expected to settle, before they are taken. */
export interface LabelPlan {
  readonly measure: string;
  readonly title: string;
  readonly kind: 'rate' | 'score';
  readonly judge: string;
  readonly margin: number | null;
  readonly stages: readonly PlannedStage[];
  readonly contrasts: readonly PlannedContrast[];
}

export interface PlannedStage {
  readonly id: string;
  readonly title: string;
  readonly trials: number;
  /** Labels that are there. */
  readonly labels: number;
  readonly judged: number;
  /** What labels would come to, by the assumed or observed errors. */
  readonly expected: number;
  readonly errors: ExpectedArm['errors'];
  /** Whether sensitivity and specificity were observed; else they are assumed. */
  readonly observed: boolean;
  readonly after: readonly { readonly labels: number; readonly interval: Interval }[];
}

export interface PlannedContrast {
  readonly from: string;
  readonly to: string;
  /** Of the judge's own values. */
  readonly asRated: Verdict;
  readonly expected: number;
  readonly after: readonly {
    readonly labels: number;
    readonly interval: Interval;
    readonly verdict: Verdict;
  }[];
  /** The fewest labels a stage with which a verdict is to be expected; `null`: not even with all. */
  readonly settledBy: number | null;
}

const FEWEST = 50;
const ASSUMED = { sensitivity: 0.9, specificity: 0.9, correlation: 0.7 };

/**
 * How wide intervals are to be expected after so many labels, and how many would settle each verdict.
 *
 * Expected means: if the judge's estimates and its errors are what they are taken for. Nothing is known of the errors
 * before there are labels; then they are assumed, the same at every stage, which is just what need not be so.
 *
 * @throws InputError as `labelledMeasures` does, for a judge that rated none of it, or an assumption outside (0, 1]
 */
export async function planLabels(options: LabelPlanOptions): Promise<LabelPlan[]> {
  for (const name of ['sensitivity', 'specificity', 'correlation'] as const) {
    const value = options[name];
    if (value !== undefined && !(value > 0 && value <= 1))
      throw new InputError(`the ${name} ${value} is not above 0 and at most 1`);
  }
  using run = await openRun(options.folder);
  // By default what was begun to be labelled.
  const begun = run.labelFrames().map(({ measure }) => measure);
  const measures = options.measures.length === 0 ? begun : options.measures;
  const wanted = labelledMeasures(run.manifest, measures).map(
    ({ info, measure }) => `${info.id} ${measure.id}`,
  );
  const found = await makeFindings(run, { bootstrap: 0 });
  const titles = new Map(found.stages.map(({ id, title }) => [id, title]));
  const named = options.measures.length === 0 ? [] : options.measures;
  const plans = found.measures.filter(
    (one) =>
      // A derived measure is planned where it is asked for by name: its labels are those of the one it comes from.
      (wanted.includes(`${one.eval} ${one.id}`) ||
        named.some((name) => one.id === name || one.id.endsWith(`/${name}`))) &&
      (options.judge === undefined ? one.headline : one.rater === options.judge) &&
      one.stages.some(({ estimate }) => estimate !== null),
  );
  if (plans.length === 0) {
    throw new InputError(
      `no judge${options.judge === undefined ? '' : ` "${options.judge}"`} has rated this yet`,
      {
        remedy:
          'A plan starts from what a judge says: rate the run first (stemma rate), or name a judge that did (--judge).',
      },
    );
  }
  return plans.map((measure) => planMeasure(measure, titles, options));
}

function planMeasure(
  measure: MeasureFindings,
  titles: ReadonlyMap<string, string>,
  options: LabelPlanOptions,
): LabelPlan {
  const arms = new Map(
    measure.stages.flatMap((stage) => {
      const arm = armOf(measure, stage, options);
      return arm === null ? [] : [[stage.id, arm] as const];
    }),
  );
  const most = Math.max(...[...arms.values()].map(({ trials }) => trials));
  const steps = [50, 100, 200, 400, 800, 1600, 3200].filter((labels) => labels < most);
  const labels = [...steps, most];
  return {
    measure: measure.id,
    title: measure.title,
    kind: measure.kind,
    judge: measure.rater,
    margin: measure.contrasts[0]?.margin ?? null,
    stages: [...arms].map(([id, arm]) => {
      const known = measure.corrected?.stages.find((stage) => stage.id === id);
      const expected = expectedEstimate(arm);
      return {
        id,
        title: titles.get(id) ?? id,
        trials: arm.trials,
        labels: known?.labels ?? 0,
        judged: measure.stages.find((stage) => stage.id === id)!.estimate!,
        expected,
        errors: arm.errors,
        observed: isObserved(measure, id),
        after: labels.map((n) => ({
          labels: n,
          interval: clipped(
            expectedInterval(expected, expectedVariance(arm, n), freedomOf(arm, n)),
            measure.range,
          ),
        })),
      };
    }),
    contrasts: measure.contrasts.flatMap((contrast) => {
      const [from, to] = [arms.get(contrast.from), arms.get(contrast.to)];
      if (from === undefined || to === undefined || contrast.difference === null) return [];
      return [planContrast(contrast, from, to, labels, titles)];
    }),
  };
}

function clipped([low, high]: Interval, [bottom, top]: Interval): Interval {
  return [Math.max(bottom, low), Math.min(top, high)];
}

function isObserved(measure: MeasureFindings, id: string): boolean {
  const known = measure.corrected?.stages.find((stage) => stage.id === id);
  return (
    known !== undefined && known.labels >= FEWEST && known.sensitivity !== null && known.specificity !== null
  );
}

function armOf(
  measure: MeasureFindings,
  stage: StageEstimate,
  options: LabelPlanOptions,
): ExpectedArm | null {
  const { estimate, standardError, trials, n, clusters } = stage;
  if (estimate === null || n === 0) return null;
  const known = measure.corrected?.stages.find(({ id }) => id === stage.id);
  const observed = isObserved(measure, stage.id);
  const shared = { trials, clusters };
  if (measure.kind === 'score') {
    const deviation = Math.max((standardError ?? 0) * Math.sqrt(trials), 1e-9);
    const [bottom, top] = measure.range;
    const correlation = options.correlation ?? ASSUMED.correlation;
    const errors = { kind: 'score', mean: estimate, deviation, correlation, width: top - bottom } as const;
    return { ...shared, designEffect: 1, errors };
  }
  const spread = estimate * (1 - estimate);
  const design = standardError === null || spread === 0 ? 1 : (standardError ** 2 * trials) / spread;
  return {
    ...shared,
    // Clusters that agree better than chance are not believed beyond independence.
    designEffect: Math.max(1, design),
    errors: {
      kind: 'rate',
      rate: estimate,
      sensitivity: observed ? known!.sensitivity! : (options.sensitivity ?? ASSUMED.sensitivity),
      specificity: observed ? known!.specificity! : (options.specificity ?? ASSUMED.specificity),
    },
  };
}

/** Labels and clusters, whichever are fewer, less one a stratum. */
function freedomOf({ clusters }: ExpectedArm, labels: number): number {
  return Math.min(labels, clusters) - 2;
}

function planContrast(
  contrast: Contrast,
  from: ExpectedArm,
  to: ExpectedArm,
  labels: readonly number[],
  titles: ReadonlyMap<string, string>,
): PlannedContrast {
  const expected = expectedEstimate(to) - expectedEstimate(from);
  const at = (n: number) => {
    const [a, b] = [expectedVariance(from, n), expectedVariance(to, n)];
    // Pairing is the judge's own: what it says of both stages on the same samples.
    const paired = contrast.standardError === null ? a.samples + b.samples : contrast.standardError ** 2;
    const variance = { samples: paired, labels: a.labels + b.labels };
    const freedom = Math.min(freedomOf(from, n), freedomOf(to, n));
    const interval = expectedInterval(expected, variance, freedom);
    const narrow = expectedInterval(expected, variance, freedom, 0.9);
    return {
      interval,
      verdict: verdict({ interval95: interval, interval90s: [narrow], margin: contrast.margin }),
    };
  };
  return {
    from: titles.get(contrast.from) ?? contrast.from,
    to: titles.get(contrast.to) ?? contrast.to,
    asRated: contrast.verdict,
    expected,
    after: labels.map((n) => ({ labels: n, ...at(n) })),
    settledBy: leastCount(FEWEST, labels.at(-1)!, (n) => at(n).verdict !== 'inconclusive'),
  };
}
