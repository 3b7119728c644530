import type { Digest } from './digest.ts';
import type { ModelErrorKind } from './errors.ts';
import type { Json, JsonObject, JsonSchema } from './json.ts';
import type { Message } from './message.ts';
import type { Likelihood, Served, StopReason, Tool, Usage } from './model.ts';
import type { TrialId, TrialKey } from './trial.ts';

/** One prompt, scenario or task of an eval. */
export interface Sample {
  readonly id: string;
  /** What it shares with its like (theme, scenario): the unit that statistics count. */
  readonly cluster: string;
  readonly input: readonly Message[];
  /** What raters need to know and the checkpoint must not be told. */
  readonly metadata: JsonObject;
}

/**
 * What happened in a trial; a line of `transcripts/<writer>.jsonl`. `key` is first in the line, so that a
 * reader can index a segment without parsing it.
 */
export interface Transcript {
  readonly key: TrialKey;
  readonly trial: TrialId;
  /** 1 for the first try of this trial; a later try (after an error) replaces the earlier ones. */
  readonly attempt: number;
  readonly status: TranscriptStatus;
  readonly cluster: string;
  readonly digests: {
    /** Of the sample as put: id, cluster, input, metadata. */
    readonly sample: Digest;
    /** Of the sampling settings, the study's seed included; equal in fairly compared arms. */
    readonly sampling: Digest;
  };
  /** The sampling seed that was sent; `null` where none was. */
  readonly seed: number | null;
  readonly metadata: JsonObject;
  /** What was put to the checkpoint. */
  readonly input: readonly Message[];
  /**
   * What the requests carried beside these messages, in all calls of the trial; absent where they carried nothing else. `system` is
   * what the study tells this stage: it stood before the first system message.
   */
  readonly request?: {
    readonly tools?: readonly Tool[];
    readonly schema?: JsonSchema;
    readonly system?: string;
  };
  /** What the servers said that they served: each once, in the order of the calls. Absent where none said. */
  readonly served?: readonly Served[];
  /** What came of it: the checkpoint's turns and, for agents, the tools' answers. Empty when the first call failed. */
  readonly output: readonly Message[];
  /** Thoughts of the last turn; `null` where it showed none. */
  readonly thoughts: string | null;
  /** The last turn's response without its thoughts; `null` where the trial ended before any. */
  readonly response: string | null;
  /**
   * How likely the checkpoint finds each text that it was asked about, where that was asked and no answer. `response` is then the
   * likeliest of them.
   */
  readonly likelihoods?: readonly Likelihood[];
  /** What an agent left behind: files, exit states. */
  readonly state?: Json;
  readonly stop?: StopReason;
  readonly limit?: { readonly kind: 'tokens' | 'steps' | 'time'; readonly value: number };
  readonly error?: TrialError;
  readonly usage: Usage;
  /** ISO 8601; `null` for imported trials that do not say. */
  readonly startedAt: string | null;
  readonly durationMs: number | null;
  /** Model calls made, and requests including retries. */
  readonly calls: number;
  readonly requests: number;
  /** The provider's bodies, in order of the calls. */
  readonly raw: readonly unknown[];
}

/**
 * `limit`: it ran into a limit of tokens, steps or time and is rated as it stands. `error`: it failed. `empty`: no text and no tool
 * call came, so measures of the response have no value. In the last two there is nothing to rate.
 */
export type TranscriptStatus = 'completed' | 'limit' | 'error' | 'empty';

/** Whether there is nothing to rate: the trial failed, or the checkpoint neither said nor did anything. */
export function hasNoAnswer(status: TranscriptStatus): boolean {
  return status === 'error' || status === 'empty';
}

export interface TrialError {
  readonly kind: ModelErrorKind | 'sandbox' | 'internal';
  readonly message: string;
  readonly status?: number;
  readonly raw?: string;
}
