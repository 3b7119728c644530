import { rmSync } from 'node:fs';
import { z } from 'zod';
import { readJson, writeJson } from '../../launchers/job-files.ts';
import type { Attempt } from '../engine.ts';

const startsSchema = z.array(z.object({ at: z.string(), lastStep: z.int().nullable(), outcome: z.string() }));
/** Steps between two notes of how far a start came: a killed one says it to within so many. */
const NOTED_EVERY = 50;

/** The starts of a training in this process, in a file that outlives a kill. */
export class Starts {
  readonly #file: string;
  readonly #earlier: readonly Attempt[];
  #now: Attempt = { at: new Date().toISOString(), lastStep: null, outcome: 'ended without a word' };

  /** Notes that a training starts. */
  constructor(file: string) {
    this.#file = file;
    this.#earlier = readJson(file, startsSchema) ?? [];
    this.#write();
  }

  reached(step: number): void {
    this.#now = { ...this.#now, lastStep: step };
    if (step % NOTED_EVERY === 0) this.#write();
  }

  /** @returns all starts so far */
  end(outcome: string): readonly Attempt[] {
    this.#now = { ...this.#now, outcome };
    return this.#write();
  }

  /** The checkpoint is there. */
  forget(): void {
    rmSync(this.#file, { force: true });
  }

  #write(): readonly Attempt[] {
    const all = [...this.#earlier, this.#now];
    writeJson(this.#file, all);
    return all;
  }
}
