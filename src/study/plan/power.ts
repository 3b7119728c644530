import type { Measure } from '../../core/index.ts';
import { keptIn } from '../../core/kept-in.ts';
import { isMarginProvable, leastCount, smallestProvableMargin } from '../../stats/index.ts';
import type { SampleSurvey, SurveyedMeasure } from '../samples.ts';
import { type EvalEntry, type Study, samplingOf } from '../study.ts';

/** What a power calculation takes for granted, because only the data will tell. */
interface PowerAssumptions {
  /** The rate in both stages; for a score, what makes a rate vary as much as a score with an SD of 0.3 of its range. */
  readonly rate: number;
  /** Correlation of two samples' differences within a cluster. */
  readonly icc: number;
  /** Correlation of the two stages' answers to one sample. */
  readonly correlation: number;
  /** Correlation of two epochs of one sample in one stage; 1 where sampling is greedy. */
  readonly repeatability: number;
  readonly power: number;
}

/** What a study can show about one measure of one eval, before it is run. */
export interface MeasurePower extends SurveyedMeasure {
  readonly eval: string;
  readonly measure: string;
  readonly title: string;
  readonly kind: Measure['kind'];
  readonly epochs: number;
  /** As declared, in the measure's own unit. */
  readonly margin: number;
  /** The smallest margin within which two equal stages would be shown to be equivalent; `null` when nothing could be. */
  readonly smallestMargin: number | null;
  /**
   * The same for other rates, worst last; rates only. At rates near 0 it may be larger than above them: where no two
   * answers differ, the clusters are all that was seen.
   */
  readonly byRate: readonly { readonly rate: number; readonly smallestMargin: number | null }[];
  /** Whether the declared margin is at least `smallestMargin`. */
  readonly provable: boolean;
  /** Where it is not provable: what would do, each by itself. `null` where that alone never would. */
  readonly needs: {
    /** This many samples in the same clusters. */
    readonly samples: number | null;
    /** This many clusters, of as many samples each. */
    readonly clusters: number | null;
    readonly epochs: number | null;
  } | null;
  readonly assumptions: PowerAssumptions;
}

/** The rates at which power is shown: never, rarely, as assumed, and the worst case. */
const SHOWN_RATES = [0, 0.02, 0.1, 0.5] as const;
/** Typical of published results on safety evals (see `expectedPrecision` in stats). */
const USUAL = { rate: 0.1, icc: 0.1, correlation: 0.3, repeatability: 0.5, power: 0.8 } as const;

/** Every measure of every eval. @param surveys those of the evals, in their order */
export function studyPower(study: Study, surveys: readonly SampleSurvey[]): MeasurePower[] {
  const greedy = study.stages.every((stage) => samplingOf(study, stage).temperature === 0);
  const assumptions = greedy ? { ...USUAL, repeatability: 1 } : USUAL;
  return study.evals.flatMap((entry, index) =>
    entry.eval.measures
      .filter(
        ({ id, control, noMargin }) => !control && !(noMargin && study.margins.byMeasure[id] === undefined),
      )
      .map((measure) => {
        const margin = study.margins.byMeasure[measure.id] ?? study.margins.default;
        return measurePower(entry, measure, surveys[index]!, margin, assumptions);
      }),
  );
}

type Design = Pick<MeasurePower, 'samples' | 'clusters' | 'epochs'>;

function measurePower(
  { id, epochs }: EvalEntry,
  measure: Measure,
  survey: SampleSurvey,
  margin: number,
  assumptions: PowerAssumptions,
): MeasurePower {
  const none = { samples: 0, clusters: 0, effectiveClusters: null };
  const { samples, clusters, effectiveClusters } = survey.byMeasure.get(measure.id) ?? none;
  const design = { samples, clusters, epochs };
  const [low, high] = measure.range;
  const smallest = (planned: Design, rate = assumptions.rate): number | null => {
    const found = planned.samples === 0 ? null : smallestMarginOf({ ...planned, ...assumptions, rate });
    // A margin as wide as the range shows nothing.
    return found === null || found >= 1 ? null : found * (high - low);
  };
  const share = margin / (high - low);
  const provable = (planned: Design): boolean => {
    if (planned.samples === 0) return false;
    return share < 1 ? isMarginProvable({ ...planned, ...assumptions }, share) : smallest(planned) !== null;
  };
  const isRate = measure.kind === 'rate';
  return {
    eval: id,
    measure: measure.id,
    title: measure.title,
    kind: measure.kind,
    ...design,
    effectiveClusters,
    margin,
    smallestMargin: smallest(design),
    byRate: isRate ? SHOWN_RATES.map((rate) => ({ rate, smallestMargin: smallest(design, rate) })) : [],
    provable: provable(design),
    needs: samples === 0 || provable(design) ? null : needsOf(design, provable),
    assumptions,
  };
}

function needsOf(design: Design, provable: (planned: Design) => boolean): MeasurePower['needs'] {
  const { samples, clusters, epochs } = design;
  const size = samples / clusters;
  return {
    samples: leastCount(samples, samples * 64, (n) => provable({ ...design, samples: n })),
    clusters: leastCount(clusters, clusters * 4096, (g) =>
      provable({ ...design, clusters: g, samples: Math.round(g * size) }),
    ),
    epochs: leastCount(epochs, 64, (k) => provable({ ...design, epochs: k })),
  };
}

/** Ten milliseconds each, and asked for again by the other measures of an eval, and when a run plans what was planned. */
const knownMargins = new Map<string, number | null>();

function smallestMarginOf(design: Design & PowerAssumptions): number | null {
  return keptIn(knownMargins, JSON.stringify(design), () => smallestProvableMargin(design));
}
