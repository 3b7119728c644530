import type { Digest } from './digest.ts';
import type { JsonObject } from './json.ts';
import type { Measure } from './measure.ts';
import type { Model, Sampling } from './model.ts';
import type { Ask, Question } from './rating.ts';
import type { Sandboxes } from './sandbox.ts';
import type { Sample, Transcript } from './transcript.ts';
import type { TrialId } from './trial.ts';

/** A named, versioned set of samples, how behaviour is elicited on them, and how it is rated. */
export interface Eval {
  readonly name: string;
  /** Changes whenever the same options could give other samples, prompts or values. */
  readonly version: string;
  readonly title: string;
  readonly measures: readonly Measure[];
  /** All questions that its asks can have. */
  readonly questions: readonly Question[];
  /** Whether its trials happen in a sandbox: then a run looks for one before anything is asked. */
  readonly sandboxed?: true;
  /** JSON Schema (draft 2020-12) of `options` in the study file, for editors and for validation. */
  readonly optionsSchema: JsonObject;
  /**
   * The samples, in a fixed order; can be iterated anew any number of times with the same result.
   * @throws InputError naming file and line for a table that can't be read, or for an id that comes twice
   */
  samples(options: EvalOptions): AsyncIterable<Sample>;
  /** What became of the source on its way to samples, for the plan and the run's manifest: counts alone, never a value. */
  report?(options: EvalOptions): Promise<SourceReport>;
  /** Ids of the measures that a sample can have a value of; absent: all of them. A plan counts samples a measure by it. */
  measuresOf?(sample: Sample): readonly string[];
  /** How long the conversation of one trial may become, for evals with agents; absent: one call a trial. For the plan. */
  conversation?(options: EvalOptions): ConversationLimits;
  /** Puts a sample to a checkpoint. What the checkpoint or its tools did wrong is in the transcript; throws only on abort or a fatal ModelError. */
  elicit(sample: Sample, subject: Model, context: TrialContext): Promise<Transcript>;
  /**
   * What raters are asked about this transcript, and what their answers are worth. A pure function of the transcript; not
   * called for transcripts with `status: 'error'`.
   */
  asks(transcript: Transcript): readonly Ask[];
}

export interface ConversationLimits {
  /** Of the checkpoint. */
  readonly turns: number;
  /** In and out of all its calls. */
  readonly tokens?: number;
  /** How the checkpoint calls tools. */
  readonly protocol: 'native' | 'text' | 'auto';
}

/** Counts under headings: `{ rows: { read: 500, duplicates: 12, put: 488 } }`. */
export type SourceReport = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The options of one entry under `evals:`, as validated JSON, and the folder its relative paths start from. */
export interface EvalOptions {
  readonly values: JsonObject;
  readonly folder: string;
}

export interface TrialContext {
  readonly trial: TrialId;
  readonly attempt: number;
  /** The arm's settings, with the trial's own seed in `seed`. */
  readonly sampling: Sampling;
  /** Goes into the transcript's `digests.sampling`. */
  readonly samplingDigest: Digest;
  readonly signal: AbortSignal;
  /** Where an agent acts. Engine and limits are the study's, the same in every arm. */
  readonly sandboxes: Sandboxes;
}
