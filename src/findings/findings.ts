import type { Measure, TrialSign } from '../core/index.ts';
import type { DifferenceVerdict, Interval } from '../stats/index.ts';
import type { FlippedSample } from './flipped.ts';

export type { Interval };

/**
 * The object that `stemma findings --json` prints, and that every report is drawn from. Documented in
 * docs/findings.md; `version` changes when a field changes its meaning or goes. Fields may be added.
 *
 * All estimates, differences and margins are in the measure's own unit: a rate of 0.05 is five points. `null` means
 * "not measured", with a `why` beside it.
 */
export interface Findings {
  readonly version: 1;
  readonly run: string;
  readonly origin: {
    readonly kind: 'study' | 'import';
    readonly source?: string;
    readonly citation?: string;
  };
  /** The one-sentence answer, for people. */
  readonly answer: string;
  readonly stages: readonly FindingsStage[];
  /** Ids of the reported stages along every path from a first stage to a last one; empty where none was trained from another. */
  readonly chains: readonly (readonly string[])[];
  readonly raters: readonly {
    readonly id: string;
    readonly kind: string;
    readonly title?: string;
    readonly headline: boolean;
  }[];
  readonly measures: readonly MeasureFindings[];
  /** "The stages are the same on everything": intersection–union over the headline measures, a pair of stages each. */
  readonly together: readonly TogetherFindings[];
  /** Measures where another measure of the same trial has a value, as the analysis declares them; absent for none. */
  readonly conditional?: readonly ConditionalFindings[];
  /** Where looks were declared: at which of them these findings are made. Intervals are then those of all looks together. */
  readonly look?: {
    /** From 1; 0: before the first one. */
    readonly number: number;
    /** The parts of the answers after which looks were declared. */
    readonly declared: readonly number[];
    readonly answered: number;
  };
  /** The same checkpoints twice, from other seeds (A/A); absent where the study has no such arm. */
  readonly again?: AgainFindings;
  /** What makes answers doubtful, by eval and stage: only what was seen at all. */
  readonly signs: readonly SignFindings[];
  /** Plain sentences that a reader must see: judges whose errors differ, post-hoc margins, unfair or refused comparisons. */
  readonly warnings: readonly string[];
  /** How the run was made; absent for results that were imported. */
  readonly provenance?: Provenance;
  readonly trials: {
    readonly planned: number;
    readonly completed: number;
    readonly errors: number;
    readonly limit: number;
    /** Without any text and any tool call; absent where there were none. */
    readonly empty?: number;
  };
}

/** What the methods paragraph of a paper says of a run, and what another run would have to repeat. */
export interface Provenance {
  /** The version of stemma that began the run. */
  readonly stemma: string;
  /** ISO 8601. `endedAt`: of the last session; `null` where it is not known. */
  readonly begunAt: string;
  readonly endedAt: string | null;
  readonly growth: readonly { readonly at: string; readonly what: string }[];
  /** Of the whole study, in the study file's keys; a `null` setting was left to the provider. */
  readonly sampling: Readonly<Record<string, unknown>>;
  readonly stages: readonly {
    readonly id: string;
    readonly model: string | null;
    /** Digest of the weights, where they are files. */
    readonly weights?: string;
    /** A system prompt of this stage alone. */
    readonly system?: string;
    /** Sampling settings of this stage alone. */
    readonly sampling?: Readonly<Record<string, unknown>>;
    /** What the servers said that they served, with the trials; empty where none said. */
    readonly served: readonly { readonly model: string; readonly trials: number }[];
    /** Of the answers; those of judges are not in them. */
    readonly tokens: { readonly input: number; readonly output: number };
  }[];
  readonly evals: readonly {
    readonly id: string;
    readonly version: string;
    readonly samples: number;
    readonly clusters: number;
    readonly epochs: number;
    readonly digest: string;
  }[];
  readonly raters: readonly {
    readonly id: string;
    readonly kind: string;
    readonly model?: string;
    /** Digests of the questions with their rubrics, by `eval:question`. */
    readonly digests: Readonly<Record<string, string>>;
    /** Of the ratings that count; absent where the calls do not say. */
    readonly tokens?: { readonly input: number; readonly output: number };
  }[];
  /** Of the analysis: cluster bootstrap and permutations. */
  readonly seed: number;
  readonly bootstrap: number;
}

/** How often one sign was seen in one eval's answers (`core/trial-signs.ts`). */
export interface SignFindings {
  readonly eval: string;
  readonly sign: TrialSign;
  /** `trials`: answered ones; `count`: of these, with the sign. */
  readonly stages: readonly { readonly id: string; readonly trials: number; readonly count: number }[];
  readonly contrasts: readonly {
    readonly from: string;
    readonly to: string;
    /** Samples on which the sign became more frequent, and less. */
    readonly more: number;
    readonly fewer: number;
    /** Exact, adjusted over all signs and pairs of the eval (Holm). */
    readonly p: number;
    /** At 1 %. */
    readonly differs: boolean;
  }[];
}

export interface FindingsStage {
  readonly id: string;
  readonly title: string;
  readonly kind: string;
  readonly from: string | null;
  readonly model: string | null;
  /** How it is drawn: first trained stages blue, the last of each chain orange, the others grey. */
  readonly role: 'first-trained' | 'last' | 'other';
}

/** One measure as one rater sees it. */
export interface MeasureFindings
  extends Pick<Measure, 'id' | 'title' | 'description' | 'kind' | 'range' | 'rangeOf' | 'safer' | 'control'> {
  readonly eval: string;
  readonly rater: string;
  /** Whether this rater's values make the headlines of this measure. */
  readonly headline: boolean;
  readonly stages: readonly StageEstimate[];
  readonly contrasts: readonly Contrast[];
  /** A/A: a stage and the same checkpoint once more, from other seeds. Nothing differs between the two. */
  readonly again?: readonly Contrast[];
  /** The contrasts among samples that both stages answered; absent where all was answered, or nobody tells. */
  readonly amongAnswered?: AmongAnswered;
  /** Of the first of `chains` that has three stages or more; absent when none has. */
  readonly shares?: ShareFindings;
  /** Where the stages branch: the shares along each of the `chains` with three stages or more, `shares` among them. */
  readonly branches?: readonly ShareFindings[];
  /** The headline rater's: the samples that changed in each contrast that was compared, in the order of `contrasts`. */
  readonly flipped?: readonly FlippedFindings[];
  /** Headline measures, where checkpoints of one kind of training say at which step they were taken. */
  readonly steps?: readonly StepFindings[];
  /** Where stages are made from factors: what each factor does. */
  readonly factorial?: FactorialFindings;
  /** Absent when one rater alone rated this measure. */
  readonly agreement?: AgreementFindings;
  /** Where this rater is a panel: how much hangs on who sits on it. */
  readonly sensitivity?: SensitivityFindings;
  /** Estimates corrected by human labels; absent without any human rater on this measure, or when this rater is the human. */
  readonly corrected?: CorrectedFindings;
}

/** A measure where only trials count that a stage answered (`…/answered`), or in which its agent acted (`…/acted`). */
interface AmongAnswered {
  /** The id of the control, and who rated it. */
  readonly control: string;
  readonly rater: string;
  readonly stages: readonly { readonly id: string; readonly trials: number; readonly answered: number }[];
  /** In the order of the measure's own; not in the family of claims. */
  readonly contrasts: readonly Contrast[];
}

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
  readonly human: string;
}

/** The samples whose rated value differs between the stages of a contrast. */
export interface FlippedFindings {
  readonly from: string;
  readonly to: string;
  /** How many rose, and fell. */
  readonly up: number;
  readonly down: number;
  /** The worst first; not all where they are many, unless they are asked for. */
  readonly samples: readonly FlippedSample[];
}

/** Checkpoints of one kind of training, in the order of their steps. */
export interface StepFindings {
  readonly kind: string;
  readonly points: readonly {
    readonly id: string;
    readonly step: number;
    readonly estimate: number | null;
    /** Holds at all points at once, 95 %. */
    readonly band: Interval | null;
  }[];
  /** The change from the first step to the last on a straight line through all, and the test that it is 0. */
  readonly trend?: {
    readonly n: number;
    readonly clusters: number;
    readonly change: number;
    readonly interval: Interval | null;
    readonly p: number | null;
  };
  /** How the change from the first to the last divides among the stretches between them. */
  readonly shares?: ShareFindings;
}

/** What factors do that stages are made from. */
export interface FactorialFindings {
  /** Those that vary; the first level is what the others are compared with. */
  readonly factors: readonly { readonly name: string; readonly levels: readonly string[] }[];
  /** Samples with a value in every stage that has factors. */
  readonly n: number;
  readonly clusters: number;
  readonly effects: readonly FactorialEffect[];
  readonly interactions: readonly FactorialInteraction[];
  /** Where every factor has two levels: how the change from all first levels to all second ones divides among the factors. */
  readonly shapley?: {
    readonly total: number;
    readonly totalInterval: Interval | null;
    readonly identified: boolean;
    readonly why?: string;
    readonly parts: readonly {
      readonly factor: string;
      readonly change: number;
      readonly changeInterval: Interval | null;
      /** `null` unless identified. */
      readonly share: number | null;
      readonly interval: Interval | null;
    }[];
  };
  /** Why there are no effects. */
  readonly why?: string;
}

/** A main effect: a level in place of the first one, averaged over all settings of the other factors. */
export interface FactorialEffect
  extends Pick<Contrast, 'difference' | 'interval' | 'interval90' | 'verdict' | 'reason' | 'why' | 'words'> {
  readonly factor: string;
  readonly from: string;
  readonly to: string;
  readonly p: number | null;
}

/** How much more the first factor's level does where the second factor has its level. */
export interface FactorialInteraction {
  readonly factors: readonly [string, string];
  readonly levels: readonly [string, string];
  readonly estimate: number;
  readonly interval: Interval | null;
  readonly p: number | null;
}

/** A measure over the trials on which another one has a value (`holds`), and over the others (`not`). */
export interface ConditionalFindings {
  readonly measure: string;
  readonly given: string;
  /** The condition holds from this value of `given` on. */
  readonly atLeast: number;
  readonly title: string;
  readonly givenTitle: string;
  readonly kind: 'rate' | 'score';
  readonly rater: string;
  readonly givenRater: string;
  readonly stages: readonly {
    readonly id: string;
    /** The share of the trials on which the condition holds. */
    readonly share: number | null;
    readonly holds: ConditionalPart;
    readonly not: ConditionalPart;
    /** `holds` minus `not`. */
    readonly difference: number | null;
    readonly interval: Interval | null;
  }[];
}

export interface ConditionalPart {
  readonly n: number;
  readonly clusters: number;
  readonly trials: number;
  readonly estimate: number | null;
  readonly interval: Interval | null;
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

export interface AgreementFindings {
  readonly raters: readonly string[];
  readonly units: number;
  readonly alpha: number | null;
  readonly level: string;
  readonly ac1: number | null;
  /** Alpha on each scale that the values can be read on: `nominal`, `ordinal`, `interval`. */
  readonly alphaByLevel?: Readonly<Record<string, number | null>>;
  /** For panels that a member's own family was rated by. */
  readonly selfExclusion?: SelfExclusionFindings;
  /**
   * Each other rater against this one, by the pairs of stages compared: how much more this one's value rises than the other's,
   * on trials that both rated. `pHolm` counts all of them. Absent where there are too few clusters.
   */
  readonly interactions?: readonly {
    readonly rater: string;
    readonly from: string;
    readonly to: string;
    readonly n: number;
    readonly difference: number;
    readonly interval: Interval;
    readonly p: number;
    readonly pHolm: number;
  }[];
  /** Each other rater against this one, by stage. */
  readonly pairs: readonly {
    readonly rater: string;
    readonly stage: string;
    readonly n: number;
    readonly agreement: number | null;
    readonly kappa: number | null;
  }[];
}

/** What it does to a panel that no member counts for a stage of its own family. */
export interface SelfExclusionFindings {
  /** Whether this panel leaves such ratings out. */
  readonly applied: boolean;
  /** Trials that a member of the same family rated, and those among them whose panel value depends on leaving that out. */
  readonly trials: number;
  readonly changed: number;
  /** The members' ratings: all, and without those of their own family; and how they agree. */
  readonly ratings: number;
  readonly ratingsWithout: number;
  readonly alphaByLevel: Readonly<Record<string, number | null>>;
  readonly alphaByLevelWithout: Readonly<Record<string, number | null>>;
}

/** A panel's findings as they would be with other judges. */
export interface SensitivityFindings {
  readonly judges: readonly string[];
  readonly stages: readonly {
    readonly id: string;
    /** The estimate of the panel without each judge. */
    readonly without: readonly { readonly judge: string; readonly estimate: number | null }[];
    /** The lowest and the highest of these: the leave-one-judge-out range. */
    readonly range: Interval | null;
  }[];
  /** In the order of the measure's contrasts. */
  readonly contrasts: readonly {
    readonly from: string;
    readonly to: string;
    readonly verdict: Verdict;
    /** By the panel without each judge; here and below each comparison by itself, without the family counted. */
    readonly without: readonly JudgedVerdict[];
    /** By each judge alone, its own family included. */
    readonly alone: readonly JudgedVerdict[];
    /** Whether all of them give the panel's verdict. */
    readonly standsWithout: boolean;
    readonly standsAlone: boolean;
  }[];
}

export interface JudgedVerdict {
  readonly judge: string;
  readonly difference: number | null;
  readonly verdict: Verdict;
}

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
  | 'standardError'
  | 'degreesOfFreedom'
  | 'pDifference'
  | 'pEquivalence'
  | 'smallestMargin'
  | 'verdict'
  | 'notLessSafe'
  | 'direction'
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
  /** Why the humans' values alone were used, and what was left out. */
  readonly remark?: string;
};

export interface CorrectedFindings {
  readonly human: string;
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
   * How far the rater was trusted at each stage: 0 where humans labelled every sample; `null` where labels are too few to
   * learn its errors from, and the humans' values alone were used.
   */
  readonly lambdas: readonly number[] | null;
  /** Why the humans' values alone were used, and what was left out. */
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

/** What comparing checkpoints with themselves came to, over the headline measures. */
export interface AgainFindings {
  readonly arms: readonly { readonly stage: string; readonly again: string }[];
  /** Those with a verdict. */
  readonly comparisons: number;
  readonly equivalent: number;
  readonly inconclusive: number;
  /** Found to differ, though nothing does. */
  readonly different: number;
  /** How often as many or more would be found to differ by chance, were each comparison one in twenty and on its own. */
  readonly p: number | null;
  readonly words: string;
}

export interface TogetherFindings {
  readonly from: string;
  readonly to: string;
  readonly measures: readonly string[];
  /** The largest TOST p over the measures. */
  readonly p: number | null;
  readonly equivalent: boolean;
  readonly words: string;
}
