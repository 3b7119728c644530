/** Where a mistake is: as much of it as is known. Lines and columns count from 1. */
export interface ErrorPlace {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** A path of keys into a document, such as `stages[1].from`. */
  readonly key?: string;
  /** The key of the trial that was under way. */
  readonly trial?: string;
}

/**
 * An error for people: what was wrong, where, and what to do about it. Only these are shown without a stack.
 * `exitCode` is 2 where the user can mend it, 1 where stemma (or the machine) is at fault.
 */
export class StemmaError extends Error {
  readonly exitCode: 1 | 2 = 1;
  readonly place: ErrorPlace;
  readonly remedy: string | undefined;

  constructor(message: string, options: { place?: ErrorPlace; remedy?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.place = options.place ?? {};
    this.remedy = options.remedy;
  }

  /** `file:line:column: message`: what was wrong, and where. */
  get placed(): string {
    const { file, line, column, key, trial } = this.place;
    const position = [file, line, line === undefined ? undefined : column].filter(
      (part) => part !== undefined,
    );
    const where = [position.join(':'), key, trial && `trial ${trial}`].filter(Boolean).join(': ');
    return `${where ? `${where}: ` : ''}${this.message}`;
  }

  /** The same, and on the next line what to do. */
  override toString(): string {
    return `${this.placed}${this.remedy ? `\n  ${this.remedy}` : ''}`;
  }
}

/** The user's input is at fault: a study file, a table, an option. Nothing was changed. */
export class InputError extends StemmaError {
  override readonly exitCode = 2;
}

/** A run folder can't be used as asked: locked by another run, read-only, full disk, damaged, or of another study. */
export class RecordsError extends StemmaError {
  override readonly exitCode = 2;
}

/** Something optional is not on this machine; the remedy names the command that installs it. */
export class MissingPartError extends StemmaError {
  override readonly exitCode = 2;
}

/** A sandbox could not be opened, or died. The trial is an error, never a pass. */
export class SandboxError extends StemmaError {}

/** A file inside a sandbox can't be read or written; the sandbox is well. */
export class SandboxFileError extends StemmaError {}

/** What kept a model from answering. Every kind but the fatal ones becomes a trial's record. */
export type ModelErrorKind =
  | 'rate-limit'
  | 'server'
  | 'timeout'
  | 'connection'
  | 'malformed'
  | 'rejected'
  | 'auth'
  | 'not-found'
  | 'cancelled';

/**
 * A model call that failed after all its retries.
 * `fatal` when no other call to this endpoint can succeed either (bad key, no such model): the run stops with it.
 */
export class ModelError extends StemmaError {
  override readonly exitCode: 1 | 2;
  readonly kind: ModelErrorKind;
  readonly status: number | undefined;
  /** The body as it came, as far as it came. Never holds a request header. */
  readonly raw: string | undefined;
  readonly attempts: number;
  /** Nothing is there to be asked yet, or again: no listener, or a server that loads its model. It says nothing of the request. */
  readonly absent: boolean;

  constructor(
    kind: ModelErrorKind,
    message: string,
    options: {
      status?: number;
      raw?: string;
      attempts?: number;
      absent?: boolean;
      remedy?: string;
      cause?: unknown;
    } = {},
  ) {
    super(message, options);
    // A key or a name that is wrong is the user's to mend.
    this.exitCode = kind === 'auth' || kind === 'not-found' ? 2 : 1;
    this.kind = kind;
    this.status = options.status;
    this.raw = options.raw;
    this.attempts = options.attempts ?? 1;
    this.absent = options.absent ?? false;
  }

  get fatal(): boolean {
    return this.kind === 'auth' || this.kind === 'not-found';
  }
}
