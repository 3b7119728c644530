import type { Manifest, SourceReport } from '../../core/index.ts';
import type { EvalEntry, Study } from '../study.ts';
import type { EndpointLoad, JudgePlan, Tokens } from './estimate.ts';
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
  /** Plain sentences on what is likely not meant. */
  readonly warnings: readonly string[];
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
