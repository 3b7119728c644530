import type { Measure, StageInfo, TrialSign } from '../core/index.ts';
import type { Interval } from '../stats/index.ts';
import type { Contrast, ShareFindings, StageEstimate } from './contrast-findings.ts';
import type { CorrectedFindings } from './label-findings.ts';
import type {
  ConditionalFindings,
  FactorialFindings,
  FlippedFindings,
  StepFindings,
} from './part-findings.ts';
import type { AgreementFindings, SensitivityFindings } from './rater-findings.ts';

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
    /** The declared part by which error is spent at this look; 0 before the first one. */
    readonly part: number;
    /** Trials that have a record, and those that are planned. */
    readonly recorded: number;
    readonly planned: number;
    /** The looks that were taken before this one, as `looks.jsonl` in the run folder has them. */
    readonly taken: readonly {
      readonly part: number;
      readonly answered: number;
      /** ISO 8601. */
      readonly at: string;
    }[];
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
    /** What these cost at the price that the study declares; `null` where it declares none. */
    readonly usd: number | null;
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
    /** Beside `tokens`, as for stages. */
    readonly usd?: number | null;
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

export interface FindingsStage extends Pick<StageInfo, 'id' | 'kind' | 'from' | 'model' | 'factors'> {
  readonly title: string;
  /** How it is drawn: first trained stages blue, the last of each chain orange, the others grey. */
  readonly role: 'first-trained' | 'last' | 'other';
  /** Digest of its weights, where they are files. */
  readonly weights?: string;
  /** How stemma trained it; absent where it did not. */
  readonly training?: TrainingSummary;
}

/** A training in short: the manifest has all of it. */
export interface TrainingSummary {
  readonly engine: string;
  readonly method: string | null;
  readonly steps: number | null;
  readonly seed: number | null;
  /** Examples drawn, by source; those that nothing was drawn from have 0. */
  readonly examples: Readonly<Record<string, number>>;
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
  /** Estimates corrected by labels; absent where nobody labelled this measure, or this rater is the labeller. */
  readonly corrected?: CorrectedFindings;
}

/** A measure where only trials count that a stage answered (`…/answered`), or in which its agent acted (`…/acted`). */
interface AmongAnswered {
  /** Whose ratings are compared: those of the labels where they lead and cover every trial. */
  readonly values: string;
  /** The id of the control, and who rated it. */
  readonly control: string;
  readonly rater: string;
  readonly stages: readonly { readonly id: string; readonly trials: number; readonly answered: number }[];
  /** In the order of the measure's own; not in the family of claims. */
  readonly contrasts: readonly Contrast[];
}

/** One checkpoint that was asked twice. */
export interface AgainArmFindings {
  readonly stage: string;
  readonly again: string;
  /** Trials at the server at once, with the same seeds as before; absent: other seeds, under the usual load. */
  readonly atOnce?: number;
  /** Under another load: trials that were answered twice, and in how many the answer is the same to the letter. */
  readonly answers?: { readonly same: number; readonly of: number };
}

/** What comparing checkpoints with themselves came to, over the headline measures. */
export interface AgainFindings {
  readonly arms: readonly AgainArmFindings[];
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
