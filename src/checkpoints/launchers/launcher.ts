import type { ProcessJob } from '../engines/engine.ts';

/**
 * Starts the processes of jobs somewhere. What became of a job stands in files of its folder (`exit.json`,
 * `progress.jsonl`); a launcher only starts, finds again, looks after and stops.
 */
export interface Launcher {
  readonly id: 'local' | 'slurm';
  /** @param attempt the name of this start @throws StemmaError where it cannot be started at all */
  begin(job: ProcessJob, attempt: string): Promise<Running>;
  /** The start that is under way, begun by this stemma or by one that died; `null` where there is none. */
  attach(job: ProcessJob): Promise<Running | null>;
}

/** A job that was started. */
export interface Running {
  readonly attempt: string;
  /** Where its events begin in `progress.jsonl`, in bytes. */
  readonly offset: number;
  liveness(): Promise<Liveness>;
  /** Asks it to save its state and to end. */
  stop(): Promise<void>;
}

export interface Liveness {
  /** `gone`: it runs no more, and will not. `unknown`: nobody could be asked. */
  readonly state: 'waiting' | 'running' | 'gone' | 'unknown';
  /** Why it waits, is gone, or is not known. */
  readonly why?: string;
  /** A person ended it: it is not to be started again. */
  readonly final?: boolean;
}
