import { openRun, type RunReader } from '../records/index.ts';

/**
 * The records that were there when the session began, or soon after: they are opened when they are first needed. The
 * writer's own reader would first take in all that was written since, each time.
 */
export class RecordsBefore implements Disposable {
  readonly #folder: string;
  #reader: Promise<RunReader> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  reader(): Promise<RunReader> {
    this.#reader ??= openRun(this.#folder);
    return this.#reader;
  }

  /** Opens them again when they are next needed, with all that was written since. */
  renew(): void {
    void this.#reader?.then((reader) => reader.close());
    this.#reader = undefined;
  }

  [Symbol.dispose](): void {
    this.renew();
  }
}
