import type { Manifest, SourceReport } from '../../core/index.ts';
import type { ImageReport } from '../../sandbox/index.ts';
import type { EvalEntry, Study } from '../study.ts';
import type { Bounds, EndpointLoad, JudgePlan, Tokens } from './estimate.ts';
import type { MeasurePower } from './power.ts';

/** What running a study would take and could show. */
export interface Plan {
  readonly study: Study;
  readonly manifest: Manifest;
  readonly evals: readonly PlannedEval[];
  readonly trials: number;
  /** Of stages and judges, without retries; as is usual, where agents may take more turns. */
  readonly calls: number;
  readonly callsAtMost: number;
  /** At most: every answer as long as it may be. An estimate; estimate.ts says of what. */
  readonly tokens: Tokens;
  /** If answers are as long as they usually are. */
  readonly usualTokens: Tokens;
  /** At most, in US dollars; `null` where a price is not known, and then `usdUnknown` says of what. */
  readonly usd: number | null;
  readonly usualUsd: number | null;
  /** Endpoints whose price nobody gave; models, where others there have one. */
  readonly usdUnknown: readonly string[];
  /** What the declared rate limits allow no faster than; `null` where none are declared. */
  readonly fastestMs: number | null;
  readonly endpoints: readonly EndpointLoad[];
  /** Judges of evals that have a battery: what each takes, and what it would the other way. */
  readonly judges: readonly JudgePlan[];
  readonly power: readonly MeasurePower[];
  /** Stages that are asked for what others are trained on, before these are trained. Calls, tokens and costs above count them. */
  readonly teachers: readonly PlannedTeacher[];
  /** Stages that are trained from files of examples: what they will see. */
  readonly trainings: readonly PlannedTraining[];
  /** Samples that occur in what stages are trained on. */
  readonly leaks: readonly Leak[];
  /** What is known of the images that samples bring; `null` where none does. */
  readonly images: ImageReport | null;
  /** Plain sentences on what is likely not meant. */
  readonly warnings: readonly string[];
}

/** A stage that stemma asks the prompts of a source, so that others learn from its answers. */
export interface PlannedTeacher {
  readonly stage: string;
  /** Of the training data whose prompts it is asked. */
  readonly source: string;
  /** The stages that learn from it and are not trained yet. */
  readonly pupils: readonly string[];
  readonly prompts: number;
  /** Prompts that it has answered before, for this run or another one: they cost nothing more. */
  readonly answered: number;
  /** Of the prompts that are left: estimated by their length. */
  readonly tokens: Bounds<Tokens>;
  /** `null` where its price is not known. */
  readonly usd: Bounds<number> | null;
}

/** What a stage that is trained from files will see. */
export interface PlannedTraining {
  readonly stage: string;
  readonly steps: number;
  readonly sources: readonly PlannedSource[];
  /** Whether the checkpoint's own tokenizer counted; else tokens are estimated by length. */
  readonly exactTokens: boolean;
  /** What its `change` altered beside what was asked, in words. */
  readonly beside: readonly string[];
}

export interface PlannedSource {
  readonly name: string;
  readonly teacher?: string;
  /** Rows that its filters leave, and examples that are drawn from them. */
  readonly rows: number;
  readonly drawn: number;
  readonly passes: number;
  readonly tokens: number;
}

/** Samples of an eval that occur in a source of training data. */
export interface Leak {
  readonly eval: string;
  readonly source: string;
  readonly stages: readonly string[];
  /** Their ids, and how many samples the eval has. */
  readonly samples: readonly string[];
  readonly of: number;
}

export interface PlannedEval {
  readonly entry: EvalEntry;
  readonly samples: number;
  readonly clusters: number;
  /** Over all stages. */
  readonly trials: number;
  /** What became of the source on its way to the samples, where the eval says so. */
  readonly source?: SourceReport;
}
