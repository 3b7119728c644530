import type { Message, Rating, Served, TrialSign } from '../../core/index.ts';
import type { ServerDescription } from '../../models/index.ts';
import type { SamplingProbe } from './sampling-probe.ts';
import type { WhatIsTaken } from './what-is-taken.ts';

/** What came of checking a study: what each stage and each judge did with one real sample of each eval. */
export interface StudyCheck {
  /** ISO 8601. */
  readonly at: string;
  readonly study: string;
  /** Stages in the order of the study, then judges. */
  readonly models: readonly ModelCheck[];
  /** What should be looked at before a run, a sentence each. */
  readonly warnings: readonly string[];
}

export interface ModelCheck {
  readonly id: string;
  readonly role: 'stage' | 'judge';
  readonly ref: string;
  /** What its server says of itself; `null` where there is none, or it says nothing. */
  readonly server: ServerDescription | null;
  /** The names that it answered under. */
  readonly served: readonly Served[];
  readonly samples: readonly SampleCheck[];
  /** `null` where it was not asked: files, functions and records are no servers. */
  readonly takes: WhatIsTaken | null;
  /** `null` where the study does not sample it, or it is no server. */
  readonly sampling: SamplingProbe | null;
  /** Output tokens a second of one request after the other; `null` where it is not known. */
  readonly tokensPerSecond: number | null;
  /** Why it could not be asked. */
  readonly error?: string;
}

/** One sample, as it went to a model and came back. */
export interface SampleCheck {
  readonly eval: string;
  readonly sample: string;
  /** The first request. */
  readonly sent: readonly Message[];
  readonly tools: readonly string[];
  readonly calls: number;
  /** All that the model said in its last answer, thoughts included; `null` where none came. */
  readonly answer: string | null;
  readonly stop: string | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly durationMs: number;
  /** Of a stage's answer. */
  readonly signs: readonly TrialSign[];
  /** By a judge; of a stage's answer, by the rules of the study. */
  readonly ratings: readonly Pick<Rating, 'measure' | 'status' | 'value' | 'label' | 'explanation'>[];
  readonly error?: string;
}
