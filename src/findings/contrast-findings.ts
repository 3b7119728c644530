import type { DifferenceVerdict, Interval } from '../stats/index.ts';

/* What a stage comes to, how two of them differ, and what each step carried: the parts that all findings are made of. */

export interface StageEstimate {
  readonly id: string;
  /** Samples with a value (epochs averaged first), and the clusters they are in. */
  readonly n: number;
  readonly clusters: number;
  /** Trials with a value. */
  readonly trials: number;
  /** Trials with value 1; present for rates whose every value is 0 or 1. */
  readonly events?: number;
  readonly estimate: number | null;
  readonly interval: Interval | null;
  readonly method: string;
  readonly standardError: number | null;
  readonly degreesOfFreedom: number | null;
  readonly effectiveN: number | null;
  /** Where the stage has replicates: the estimate of each training run, in their order, and their standard deviation. */
  readonly runs?: RunFindings;
  /** Percentile cluster bootstrap, 95 %, where the analysis asks for one. */
  readonly bootstrap?: { readonly interval: Interval; readonly resamples: number };
  /** Korn–Graubard upper limit, for "at most x %" claims; rates only. */
  readonly atMost?: number;
  /** How often each label was given, where the rater gives labels. */
  readonly labels?: Readonly<Record<string, number>>;
  readonly missing: Missing;
  /** Why there is no estimate, or none with an interval. */
  readonly why?: string;
  /**
   * Present where labels correct this estimate: what the rater's own values say. Estimate, interval, standard error and
   * degrees of freedom above are then the corrected ones.
   */
  readonly raw?: Pick<
    StageEstimate,
    'estimate' | 'interval' | 'standardError' | 'degreesOfFreedom' | 'method'
  >;
}

/** What several training runs of one recipe came to, on the samples that all of them have a value for. */
interface RunFindings {
  readonly values: readonly number[];
  readonly standardDeviation: number;
}

/** Trials that have no value, by reason; `worstCase` is where the estimate could lie if they had all come out one way. */
export interface Missing {
  readonly trials: number;
  readonly notRun: number;
  readonly errors: number;
  readonly notRated: number;
  readonly unparsed: number;
  readonly refused: number;
  readonly raterErrors: number;
  /** Panels whose majority could not decide; absent where there were none. */
  readonly ties?: number;
  /** Trials whose label has no value for the measure, by label (`no_choice`); absent where there were none. */
  readonly labelsAlone?: Readonly<Record<string, number>>;
  /** Trials in which the checkpoint neither said nor did anything; absent where there were none. */
  readonly empty?: number;
  readonly worstCase: Interval | null;
}

export type Verdict = DifferenceVerdict | 'not compared';

/** Why nothing is shown, or nothing compared. */
export type Reason =
  | 'size'
  | 'clusters'
  | 'missing answers'
  | 'raters disagree'
  | 'labels'
  | 'no margin'
  | 'too rare'
  | 'family'
  | 'looks'
  | 'unfair'
  | 'no data';

/** `to` minus `from`, on shared samples. */
export interface Contrast {
  readonly from: string;
  readonly to: string;
  /** Shared samples and their clusters. */
  readonly n: number;
  readonly clusters: number;
  /** Samples with a value in one arm alone. */
  readonly unpaired: { readonly from: number; readonly to: number };
  /** Shared samples whose value rose, or fell. */
  readonly changed?: { readonly up: number; readonly down: number };
  readonly difference: number | null;
  /** 95 %. */
  readonly interval: Interval | null;
  /** 90 %: the one that the equivalence test reads. */
  readonly interval90: Interval | null;
  /** Where looks were declared: the level of `interval`, which keeps 95 % over all looks together. */
  readonly level?: number;
  /** Tango's score interval on the effective n; binary measures only. */
  readonly tango?: { readonly interval: Interval; readonly interval90: Interval };
  readonly standardError: number | null;
  readonly degreesOfFreedom: number | null;
  readonly method: string;
  readonly pDifference: number | null;
  /** The TOST p value: the larger of its two one-sided ones, and of the two methods. */
  readonly pEquivalence: number | null;
  readonly mcnemarMidP?: number;
  /**
   * Where stages have replicates: the difference of each pair of runs, and their standard deviation. `values` is empty where the
   * two stages have different numbers of runs, which do not pair.
   */
  readonly runs?: RunFindings;
  readonly signFlip?: { readonly p: number; readonly flips: number; readonly exhaustive: boolean };
  /** `pDifference` adjusted over the headline measures (Holm) and over all (Benjamini–Hochberg). */
  readonly pHolm?: number;
  readonly pBH?: number;
  readonly verdict: Verdict;
  /** The verdict as a sentence. */
  readonly words: string;
  /** `null`: no margin was declared for this measure, and it is not a rate. */
  readonly margin: number | null;
  /** `default`: stemma's own for rates, where an import declared none. */
  readonly marginSource: 'declared' | 'default' | 'post hoc' | 'none';
  /** The relative margin, > 1, where one was declared; both margins must then hold. */
  readonly ratioMargin?: number;
  /**
   * Rates only: how many times as often the outcome occurs at `to` as at `from`, with its 95 % score interval on the
   * effective n. Of the value itself, or of its complement where higher is safer. An upper end of `null` is unbounded; an
   * estimate of `null` has no events at `from`.
   */
  readonly ratio?: {
    readonly estimate: number | null;
    readonly interval: readonly [number, number | null];
    readonly of: 'events' | 'non-events';
  };
  /**
   * Whether `to` is shown to be less safe by at most the margin (one-sided, 5 %). `null` where that can't be said: `safer` or
   * the margin is not declared, the outcome is too rare for a margin in points, or the stages are not compared.
   */
  readonly notLessSafe: boolean | null;
  /** Which way a difference goes that is shown; `null` where none is. */
  readonly direction: 'up' | 'down' | null;
  /** 1 + the Satterthwaite degrees of freedom: how many clusters of equal size would be as informative. */
  readonly effectiveClusters: number | null;
  /** The code of `why`. */
  readonly reason?: Reason;
  /** `pDifference` adjusted over the whole family of comparisons (step-down max-T over joint sign flips of clusters). */
  readonly pFamily?: number;
  /** What the verdict rests on, where it could be otherwise: to be shown with it. */
  readonly condition?: string;
  /** The smallest margin at which these data would have shown equivalence. */
  readonly smallestMargin: number | null;
  /** Set with "inconclusive" and "not compared": a sentence that begins with the reason. */
  readonly why?: string;
  /**
   * Where answers are missing: the 95 % interval of the difference over all that they could have been, sampling error counted
   * (Imbens & Manski), and the tipping point: the means of the missing answers of both stages from which on the verdict
   * would be another one. `null` where it stands whatever they were.
   */
  readonly lostAnswers?: {
    readonly interval: Interval;
    readonly tippingPoint: { readonly from: number; readonly to: number } | null;
  };
  /** How far the difference could move if every missing trial had come out one way. */
  readonly worstCase: Interval | null;
  /** Whether the verdict would hold at both ends of `worstCase`. */
  readonly robustToMissing: boolean | null;
  /** Present where labels correct this contrast: what the rater's own values say. All above is then the corrected. */
  readonly raw?: RawContrast;
}

/** A contrast as rated, beside the corrected one. */
export interface RawContrast
  extends Pick<
    Contrast,
    | 'difference'
    | 'interval'
    | 'interval90'
    | 'level'
    | 'pDifference'
    | 'pEquivalence'
    | 'verdict'
    | 'direction'
    | 'words'
    | 'reason'
    | 'why'
  > {
  /** The labels that the correction rests on: at the stage that has fewest. */
  readonly labels: number;
  /** The rater whose labels they are. */
  readonly labeller: string;
}

export interface ShareFindings {
  readonly from: string;
  readonly to: string;
  readonly n: number;
  readonly clusters: number;
  readonly total: number | null;
  readonly totalInterval: Interval | null;
  readonly identified: boolean;
  /** Why shares are not identified. */
  readonly why?: string;
  /** The stages that are shown to have carried most of the total (Holm over the steps of all branches). */
  readonly carriers: readonly string[];
  /** A step is shown to go against the total: then no stage is named. */
  readonly opposed: boolean;
  /** Present where labels correct these shares: what the rater's own values say. */
  readonly raw?: ShareFindings;
  readonly parts: readonly {
    readonly from: string;
    readonly to: string;
    readonly change: number;
    readonly changeInterval: Interval;
    /** `null` unless identified. */
    readonly share: number | null;
    /** Fieller's; `null` where unbounded or not identified. */
    readonly interval: Interval | null;
    /** Ratio-free test that this stage carried at least `atLeast` of the total. */
    readonly carried: { readonly atLeast: number; readonly p: number };
  }[];
}
