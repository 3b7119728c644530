import type {
  Contrast,
  Missing,
  ShareFindings,
  StageEstimate,
  Verdict,
} from '../../findings/contrast-findings.ts';
import type { Findings, FindingsStage, Interval, MeasureFindings } from '../../findings/findings.ts';
import type { CorrectedFindings } from '../../findings/label-findings.ts';
import type { AgreementFindings } from '../../findings/rater-findings.ts';

/** What a test says of one measure; the rest is filled in with numbers that fit together. Test data, not results. */
export interface MeasureSketch {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  readonly kind?: 'rate' | 'score';
  readonly range?: Interval;
  readonly safer?: 'lower' | 'higher';
  readonly rater?: string;
  readonly headline?: boolean;
  /** The estimate of each stage in order; `null` for one that was not measured. */
  readonly estimates: readonly (number | null)[];
  readonly n?: number;
  readonly clusters?: number;
  readonly margin?: number;
  readonly marginSource?: 'declared' | 'post hoc';
  readonly missing?: readonly Partial<Missing>[];
  /** Pairs of indices into the stages; default: each with its next, and the first with the last. */
  readonly contrasts?: 'all' | readonly (readonly [number, number])[];
  readonly shares?: 'identified' | 'not identified' | 'none';
  readonly agreement?: AgreementFindings;
  readonly corrected?: boolean;
}

export interface FindingsSketch {
  readonly run?: string;
  readonly answer?: string;
  readonly stages: readonly (string | Partial<FindingsStage>)[];
  readonly measures: readonly MeasureSketch[];
  readonly warnings?: readonly string[];
  readonly imported?: boolean;
}

/** Findings as `makeFindings` would shape them, for tests of what is drawn from them. */
export function buildFindings(sketch: FindingsSketch): Findings {
  const stages = sketch.stages.map((stage, index): FindingsStage => {
    const given = typeof stage === 'string' ? { id: stage } : stage;
    const id = given.id ?? `stage-${index}`;
    const last = index === sketch.stages.length - 1;
    const role = sketch.imported ? 'other' : last ? 'last' : index === 1 ? 'first-trained' : 'other';
    return {
      title: id,
      kind: sketch.imported ? 'imported' : id,
      from: null,
      model: null,
      role,
      ...given,
      id,
    };
  });
  const measures = sketch.measures.map((measure) => buildMeasure(measure, stages));
  const planned = measures.reduce((sum, measure) => sum + (measure.stages[0]?.n ?? 0) * stages.length, 0);
  const headline = measures.filter((measure) => measure.headline);
  const pairs = headline[0]?.contrasts ?? [];
  return {
    version: 1,
    run: sketch.run ?? 'test-run',
    origin: sketch.imported
      ? { kind: 'import', source: 'Published results (test data)', citation: 'Author et al. (2024)' }
      : { kind: 'study' },
    answer:
      sketch.answer ??
      'Supervised fine-tuning brought over-refusal in; reinforcement learning changed little (test data).',
    stages,
    chains: sketch.imported || stages.length < 2 ? [] : [stages.map(({ id }) => id)],
    raters: [...new Set(measures.map(({ rater }) => rater))].map((id) => ({
      id,
      kind: id === 'human' ? 'human' : id === 'string-match' ? 'rule' : 'autorater',
      headline: measures.some((measure) => measure.rater === id && measure.headline),
    })),
    measures,
    together: pairs.slice(0, 1).map(({ from, to }) => ({
      from,
      to,
      measures: headline.map(({ id }) => id),
      p: 0.41,
      equivalent: false,
      words: `${from} and ${to} are not shown to be the same on everything.`,
    })),
    signs: [],
    warnings: sketch.warnings ?? [],
    trials: { planned, completed: planned - 3, errors: 2, limit: 1 },
  };
}

function buildMeasure(sketch: MeasureSketch, stages: readonly FindingsStage[]): MeasureFindings {
  const kind = sketch.kind ?? 'rate';
  const range = sketch.range ?? [0, 1];
  const n = sketch.n ?? 250;
  const clusters = sketch.clusters ?? 25;
  const estimates = stages.map((stage, index) =>
    buildEstimate(stage.id, sketch.estimates[index] ?? null, sketch.missing?.[index]),
  );
  const contrasts = pairsOf(sketch, stages.length).map(([a, b]) =>
    buildContrast(estimates[a]!, estimates[b]!),
  );
  const rater = sketch.rater ?? 'judge';
  return {
    id: sketch.id,
    eval: sketch.id.split('/')[0]!,
    rater,
    title: sketch.title,
    description: sketch.description ?? 'Share of prompts to which the model responded in this way.',
    kind,
    range,
    safer: sketch.safer ?? 'lower',
    headline: sketch.headline ?? true,
    stages: estimates,
    contrasts,
    ...(sketch.shares && sketch.shares !== 'none' ? { shares: buildShares(estimates, sketch.shares) } : {}),
    ...(sketch.agreement ? { agreement: sketch.agreement } : {}),
    ...(sketch.corrected
      ? {
          corrected: {
            ...buildCorrected(estimates, contrasts),
            ...correctedShares(estimates, sketch.shares),
          },
        }
      : {}),
  };

  function buildEstimate(id: string, estimate: number | null, missing: Partial<Missing> = {}): StageEstimate {
    const lost: Missing = {
      trials: 0,
      notRun: 0,
      errors: 0,
      notRated: 0,
      unparsed: 0,
      refused: 0,
      raterErrors: 0,
      worstCase: null,
      ...missing,
    };
    if (estimate === null) {
      return {
        id,
        n: 0,
        clusters: 0,
        trials: 0,
        estimate: null,
        interval: null,
        method: 'none',
        standardError: null,
        degreesOfFreedom: null,
        effectiveN: null,
        missing: lost,
        why: 'no trial of this stage has a value',
      };
    }
    const spread = kind === 'rate' ? estimate * (1 - estimate) : ((range[1] - range[0]) / 4) ** 2;
    const standardError = Math.sqrt((spread * 1.6) / n) || 0.003;
    return {
      id,
      n,
      clusters,
      trials: n * 2,
      ...(kind === 'rate' ? { events: Math.round(estimate * n * 2) } : {}),
      estimate,
      interval: within(around(estimate, 2.06 * standardError), range),
      method: kind === 'rate' ? 'Wilson on an effective n, CR2' : 'CR2-t',
      standardError,
      degreesOfFreedom: clusters - 1.4,
      effectiveN: n / 1.6,
      bootstrap: { interval: within(around(estimate, 1.97 * standardError), range), resamples: 10_000 },
      ...(kind === 'rate' ? { atMost: Math.min(1, estimate + 1.9 * standardError) } : {}),
      missing: lost,
    };
  }

  function buildContrast(from: StageEstimate, to: StageEstimate): Contrast {
    const margin = sketch.margin ?? 0.05 * (range[1] - range[0]);
    const common = {
      from: from.id,
      to: to.id,
      margin,
      marginSource: sketch.marginSource ?? ('declared' as const),
      unpaired: { from: 0, to: 2 },
    };
    if (from.estimate === null || to.estimate === null) {
      const why = 'one of the stages has no values';
      return {
        ...common,
        n: 0,
        clusters: 0,
        difference: null,
        interval: null,
        interval90: null,
        standardError: null,
        degreesOfFreedom: null,
        method: 'none',
        pDifference: null,
        pEquivalence: null,
        verdict: 'not compared',
        words: `${from.id} and ${to.id} were not compared: ${why}.`,
        smallestMargin: null,
        why,
        worstCase: null,
        robustToMissing: null,
        notLessSafe: null,
        direction: null,
        effectiveClusters: null,
      };
    }
    const difference = to.estimate - from.estimate;
    const standardError = Math.hypot(from.standardError!, to.standardError!) * 0.8;
    const interval = around(difference, 2.06 * standardError);
    const interval90 = around(difference, 1.71 * standardError);
    const verdict = verdictOf(interval, interval90, margin);
    return {
      ...common,
      n: n - 2,
      clusters,
      difference,
      interval,
      interval90,
      ...(kind === 'rate' ? { tango: { interval, interval90 }, mcnemarMidP: 0.0123 } : {}),
      standardError,
      degreesOfFreedom: clusters - 2.2,
      method: 'paired difference, CR2-t',
      pDifference: Math.exp(-((difference / standardError) ** 2) / 2),
      pEquivalence: verdict === 'equivalent' ? 0.012 : 0.63,
      signFlip: { p: 0.0141, flips: 10_000, exhaustive: false },
      pHolm: 0.0246,
      pBH: 0.0185,
      verdict,
      words: `${to.id} against ${from.id}: ${verdict} on ${sketch.title.toLowerCase()} (test data).`,
      smallestMargin: Math.max(Math.abs(interval90[0]), Math.abs(interval90[1])),
      worstCase: around(difference, 2.4 * standardError),
      robustToMissing: verdict !== 'inconclusive',
      notLessSafe: null,
      direction: verdict.includes('different') ? (difference > 0 ? 'up' : 'down') : null,
      effectiveClusters: clusters,
    };
  }
}

function pairsOf(sketch: MeasureSketch, stages: number): readonly (readonly [number, number])[] {
  if (sketch.contrasts === 'all') {
    return Array.from({ length: stages }, (_, a) =>
      Array.from({ length: stages - a - 1 }, (_, k) => [a, a + k + 1] as const),
    ).flat();
  }
  if (sketch.contrasts) return sketch.contrasts;
  const chain = Array.from({ length: Math.max(0, stages - 1) }, (_, a) => [a, a + 1] as const);
  if (stages < 3) return chain;
  return [...chain, [0, stages - 1] as const, ...(stages > 3 ? [[1, stages - 1] as const] : [])];
}

function buildShares(
  estimates: readonly StageEstimate[],
  kind: 'identified' | 'not identified',
): ShareFindings {
  const first = estimates[0]!;
  const last = estimates.at(-1)!;
  const total = (last.estimate ?? 0) - (first.estimate ?? 0);
  const identified = kind === 'identified';
  return {
    from: first.id,
    to: last.id,
    n: first.n - 4,
    clusters: first.clusters,
    total,
    totalInterval: around(total, 0.06),
    identified,
    ...(identified ? {} : { why: 'the total change is not shown to be larger than the margin (g = 0.31)' }),
    carriers: identified
      ? estimates
          .slice(1)
          .flatMap(({ id, estimate }, index) =>
            ((estimate ?? 0) - (estimates[index]!.estimate ?? 0)) / total > 0.5 ? [id] : [],
          )
      : [],
    opposed: false,
    parts: estimates.slice(1).map((estimate, index) => {
      const before = estimates[index]!;
      const change = (estimate.estimate ?? 0) - (before.estimate ?? 0);
      return {
        from: before.id,
        to: estimate.id,
        change,
        changeInterval: around(change, 0.05),
        share: identified ? change / total : null,
        interval: identified ? around(change / total, 0.14) : null,
        carried: { atLeast: 0.5, p: change / total > 0.5 ? 0.004 : 0.97 },
      };
    }),
  };
}

function buildCorrected(
  estimates: readonly StageEstimate[],
  contrasts: readonly Contrast[],
): CorrectedFindings {
  return {
    labeller: 'human',
    method: 'PPI++',
    selection: { kind: 'drawn' },
    stages: estimates.map((estimate) => ({
      id: estimate.id,
      labels: 100,
      disagreements: 17,
      estimate: estimate.estimate === null ? null : estimate.estimate + 0.06,
      interval: estimate.interval === null ? null : [estimate.interval[0] + 0.04, estimate.interval[1] + 0.1],
      lambda: estimate.estimate === null ? null : 0.83,
      raw: estimate.estimate,
      sensitivity: 0.71,
      specificity: 0.98,
      sensitivityInterval: [0.6, 0.8],
      specificityInterval: [0.95, 0.99],
    })),
    contrasts: contrasts.map(({ from, to, difference, interval }, index) => ({
      from,
      to,
      difference: difference === null ? null : difference + 0.02,
      interval: interval === null ? null : [interval[0] - 0.01, interval[1] + 0.05],
      interval90: null,
      standardError: 0.02,
      degreesOfFreedom: 24,
      pDifference: 0.01,
      pEquivalence: 0.6,
      smallestMargin: 0.1,
      verdict: 'different',
      notLessSafe: null,
      direction: 'up',
      labels: 100,
      disagreements: 34,
      errorDifference: 0.062,
      errorInterval: index === 0 ? [-0.01, 0.13] : [0.03, 0.095],
      errorP: index === 0 ? 0.09 : 0.0006,
    })),
  };
}

/** A fifth of the whole is taken from the last step and given to the first. */
function correctedShares(
  estimates: readonly StageEstimate[],
  kind: MeasureSketch['shares'],
): Pick<CorrectedFindings, 'shares'> {
  if (kind === undefined || kind === 'none') return {};
  const found = buildShares(estimates, kind);
  const total = (found.total ?? 0) + 0.02;
  const last = found.parts.length - 1;
  const parts = found.parts.map((part, step) => {
    const change = part.change + (step === 0 ? 0.2 * total + 0.02 : step === last ? -0.2 * total : 0);
    return {
      ...part,
      change,
      changeInterval: around(change, 0.07),
      share: part.share === null ? null : change / total,
      interval: part.interval === null ? null : around(change / total, 0.19),
    };
  });
  const labels = { labels: 100, disagreements: 61, lambdas: estimates.map((_, stage) => 0.9 - 0.1 * stage) };
  return { shares: { ...found, total, totalInterval: around(total, 0.08), parts, ...labels } };
}

function verdictOf(interval: Interval, interval90: Interval, margin: number): Verdict {
  const excludesZero = interval[0] > 0 || interval[1] < 0;
  if (interval90[0] > -margin && interval90[1] < margin) {
    return excludesZero ? 'different but within the margin' : 'equivalent';
  }
  if (interval[0] > margin || interval[1] < -margin) return 'materially different';
  return excludesZero ? 'different' : 'inconclusive';
}

function around(x: number, halfWidth: number): Interval {
  return [x - halfWidth, x + halfWidth];
}

function within([lower, upper]: Interval, [lowest, highest]: Interval): Interval {
  return [Math.max(lowest, lower), Math.min(highest, upper)];
}
