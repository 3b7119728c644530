import type { Interval } from '../stats/index.ts';
import type { Contrast, ShareFindings } from './contrast-findings.ts';

/* What labels correct. */

/** How the labels came about that a correction rests on. */
export interface LabelSelection {
  /**
   * `all`: every trial was labelled. `drawn`: stemma drew them. `not drawn`: somebody else chose them; they are weighted by
   * what the judge says at each stage, and whether they were chosen by anything else can't be seen.
   */
  readonly kind: 'all' | 'drawn' | 'not drawn';
  /** Not drawn: whether the labelled trials are like a random part in what the judge says. Sets a warning, changes nothing. */
  readonly randomP?: number | null;
  /** Not drawn: the judge's mean value of the labelled trials, and of all, over the stages that have labels. */
  readonly labelledMean?: number;
  readonly mean?: number;
}

/** A contrast with the judge's errors corrected by labels. */
export type CorrectedContrast = Pick<
  Contrast,
  | 'from'
  | 'to'
  | 'difference'
  | 'interval'
  | 'interval90'
  | 'level'
  | 'standardError'
  | 'degreesOfFreedom'
  | 'pDifference'
  | 'pEquivalence'
  | 'smallestMargin'
  | 'verdict'
  | 'notLessSafe'
  | 'direction'
  | 'ratio'
  | 'reason'
  | 'condition'
> & {
  /** At the stage that has fewest. */
  readonly labels: number;
  /** At both stages together. */
  readonly disagreements: number;
  /** Whether the judge's mean error differs between the two arms: difference, interval, p. */
  readonly errorDifference: number | null;
  readonly errorInterval: Interval | null;
  readonly errorP: number | null;
  /** The judge's mean error, judge minus human, in each arm. */
  readonly meanErrors?: { readonly from: number; readonly to: number };
  /** Why there is no interval, or nothing is shown. */
  readonly why?: string;
  /** Why the labels alone were used, and what was left out. */
  readonly remark?: string;
};

export interface CorrectedFindings {
  readonly labeller: string;
  readonly method: string;
  readonly selection: LabelSelection;
  readonly stages: readonly {
    readonly id: string;
    readonly labels: number;
    readonly disagreements: number;
    readonly estimate: number | null;
    readonly interval: Interval | null;
    readonly lambda: number | null;
    readonly raw: number | null;
    /** Where the rater is a judge of yes and no. */
    readonly sensitivity: number | null;
    readonly specificity: number | null;
    readonly sensitivityInterval: Interval | null;
    readonly specificityInterval: Interval | null;
    /**
     * The judge's rate corrected by its sensitivity and specificity: Rogan–Gladen, interval of Lang and Reiczigel. An estimate
     * outside [0, 1] is not a rate: then it is `null`, and `why` says so.
     */
    readonly roganGladen?: {
      readonly estimate: number | null;
      readonly interval: Interval;
      readonly why?: string;
    };
    /** Where labels were picked by what the judges say (`stemma label`): trials and labels of each stratum. */
    readonly strata?: readonly LabelledStratum[];
    readonly why?: string;
  }[];
  readonly contrasts: readonly CorrectedContrast[];
  /** Absent where the measure has no `shares`, and no `branches`. */
  readonly shares?: CorrectedShareFindings;
  readonly branches?: readonly CorrectedShareFindings[];
}

/** The shares with the stages' changes corrected; `why` also where labels are lacking. */
export interface CorrectedShareFindings extends ShareFindings {
  /** On the samples above: of the stage that has fewest. */
  readonly labels: number;
  /** Of all stages of the chain. */
  readonly disagreements: number;
  /**
   * How far the rater was trusted at each stage: 0 where every sample was labelled; `null` where labels are too few to
   * learn its errors from, and the labels alone were used.
   */
  readonly lambdas: readonly number[] | null;
  /** Why the labels alone were used, and what was left out. */
  readonly remark?: string;
}

/** A part of a stage's trials of which each was as likely to be picked for labelling as any other. */
interface LabelledStratum {
  /** `yes`, `split` or `no`. */
  readonly says: string;
  readonly trials: number;
  readonly labels: number;
  /** Labels that are not what the rater says. */
  readonly disagreements: number;
}
