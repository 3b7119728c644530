import type { Digest } from './digest.ts';
import type { JsonObject } from './json.ts';
import type { Measure } from './measure.ts';
import type { Model, Sampling } from './model.ts';
import type { Ask, Question } from './rating.ts';
import type { Sandboxes, SandboxImage } from './sandbox.ts';
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
  /** What the sandbox of a sample starts from, where the sample brings that: a plan says what this machine lacks for it. */
  imageOf?(sample: Sample): SandboxImage;
  /** Ids of the measures that a sample can have a value of; absent: all of them. A plan counts samples a measure by it. */
  measuresOf?(sample: Sample): readonly string[];
  /** What its questions read of a sample's metadata; samples of others may not have it. Absent: nothing. */
  readonly needs?: readonly MetadataNeed[];
  /** How long the conversation of one trial may become, for evals with agents; absent: one call a trial. For the plan. */
  conversation?(options: EvalOptions): ConversationLimits;
  /** The texts of which a trial of this sample asks how likely they are, in place of an answer; absent: an answer is asked for. */
  likelihoodOf?(sample: Sample): readonly string[] | undefined;
  /**
   * Puts a sample to a checkpoint. What the checkpoint or its tools did wrong is in the transcript; throws only on abort or a fatal
   * ModelError. The transcript must not change afterwards: it is written some milliseconds later.
   */
  elicit(sample: Sample, subject: Model, context: TrialContext): Promise<Transcript>;
  /**
   * For evals whose trials another program does, many at once: makes ready to ask one stage these trials. `elicit` of what it
   * returns then takes the place of the eval's own.
   */
  open?(batch: TrialBatch, subject: Model): OpenedTrials;
  /** Options that change no answer and no sample, so that they may change while a run goes on. */
  readonly freeOptions?: readonly string[];
  /** Rules that rate every transcript of this eval, whether or not the study lists them among its raters. */
  readonly ownRules?: readonly string[];
  /** Whether a trial may take more calls than `conversation` says, because the eval cannot know how many. */
  readonly callsUnknown?: true;
  /**
   * What raters are asked about this transcript, and what their answers are worth. A pure function of the transcript; not
   * called for transcripts with `status: 'error'`.
   */
  asks(transcript: Transcript): readonly Ask[];
}

/** The trials of one stage that an eval is about to be asked, in the order in which they will be. */
export interface TrialBatch {
  readonly stage: string;
  /** The id of the eval's entry in the study. */
  readonly eval: string;
  readonly trials: readonly { readonly sample: string; readonly epoch: number; readonly attempt: number }[];
  /** The stage's settings, with the study's seed. */
  readonly sampling: Sampling;
  /** Trials that the stage answers at once. */
  readonly concurrency: number;
  /** Where the eval may keep files; they are there again when the run goes on. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Closing it ends what still runs. */
export interface OpenedTrials extends AsyncDisposable {
  /** As `Eval.elicit`. */
  elicit(sample: Sample, context: TrialContext): Promise<Transcript>;
}

/** A member of a sample's metadata that questions read. */
export interface MetadataNeed {
  readonly key: string;
  /** What it says, for people: `what the prompt wants`. */
  readonly what: string;
  /** All texts that it can be; absent: it can be anything. */
  readonly values?: readonly string[];
  /** Ids of the measures that have no value without it; absent: all have none. */
  readonly measures?: readonly string[];
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
