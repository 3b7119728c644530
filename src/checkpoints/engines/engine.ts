import type { TrainingControl } from '../../organism/methods.ts';
import type { Recipe } from '../recipe.ts';
import type { CheckpointSource } from '../source.ts';

/** One stage to be trained: `name` from `parent`, by `recipe`. */
export interface TrainingJob<R extends Recipe = Recipe> {
  readonly stage: string;
  /** The name of the checkpoint that it makes. */
  readonly name: string;
  readonly parent: CheckpointSource;
  readonly recipe: R;
}

/** Where checkpoints are kept and with what they are trained. */
export interface TrainingPlace {
  readonly checkpoints: string;
  /** The Python that trains, where the engine needs one. */
  readonly python: string;
  /** What a reader should know, a sentence each. */
  readonly onWarning: (warning: string) => void;
}

/** A way to train a stage: what its recipes look like, what it can start from, and how the work is laid out. */
export interface Engine<R extends Recipe = Recipe> {
  readonly id: R['engine'];
  /** Why it cannot start from such a checkpoint, in words; `null` where it can. */
  refusal(parent: CheckpointSource): string | null;
  /** What a job makes, before it is made. */
  made(job: TrainingJob<R>): CheckpointSource;
  /** Whether the checkpoint of a job is there, whole. */
  isTrained(job: TrainingJob<R>, checkpoints: string): boolean;
  /**
   * Lays the work out. Nothing is trained yet.
   *
   * @throws InputError where the parent is missing, or the data are not what was planned
   */
  prepare(job: TrainingJob<R>, place: TrainingPlace): Promise<PreparedTraining>;
}

/** Work that is ready to be started: in this process, or as a process that a launcher starts. */
type PreparedTraining =
  | { readonly kind: 'in-process'; readonly run: (control: TrainingControl) => Promise<boolean> }
  | ProcessJob;

/** A process to be started in a folder of its own. Its truth is in the folder's files, so that a launcher can attach to it. */
export interface ProcessJob {
  readonly kind: 'process';
  readonly stage: string;
  readonly folder: string;
  /** The command of one process. */
  readonly command: readonly string[];
  /** The command that starts all processes on one machine. */
  readonly local: readonly string[];
  readonly processes: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly steps: number;
  /** Takes what was trained to where checkpoints are kept. @throws StemmaError where it is not whole */
  collect(attempts: readonly Attempt[]): Promise<void>;
}

/** One start of a job, and how far it came. */
export interface Attempt {
  readonly at: string;
  readonly lastStep: number | null;
  readonly outcome: string;
}
