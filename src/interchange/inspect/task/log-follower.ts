import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../../core/index.ts';
import { openLog } from '../log.ts';
import { type ReadSample, readSample } from '../sample.ts';

/** Reads the samples of logs that Inspect still writes: each once, when it is there. */
export class LogFollower {
  readonly #folder: string;
  readonly #model: string;
  /** By file: its state when it was last read, and the samples that were taken from it. */
  readonly #files = new Map<string, { state: string; readonly taken: Set<string> }>();

  /** @param folder the logs are in it; it may not be there yet */
  constructor(folder: string, model: string) {
    this.#folder = folder;
    this.#model = model;
  }

  /**
   * The samples that are new since the last call.
   *
   * @param torn whether a log may be torn, because Inspect writes it now or was killed: it is left out then, or read the next time
   * @throws InputError where a log is damaged that must be whole
   */
  async *samples(torn: boolean): AsyncGenerator<ReadSample> {
    for (const name of await logsIn(this.#folder)) {
      const file = join(this.#folder, name);
      const { size, mtimeMs } = await stat(file);
      const known = this.#files.get(file) ?? { state: '', taken: new Set<string>() };
      this.#files.set(file, known);
      const state = `${size} ${mtimeMs}`;
      if (known.state === state || size === 0) continue;
      try {
        await using log = await openLog(file);
        for await (const raw of log.samples((where) => known.taken.has(where))) {
          known.taken.add(raw.where);
          yield readSample(raw, file, this.#model, null);
        }
        known.state = state;
      } catch (error) {
        if (!torn || !(error instanceof InputError)) throw error;
      }
    }
  }
}

async function logsIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.eval')).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
