import type { Manifest, Rating } from '../../core/index.ts';
import type { LabelFrame, RunReader, TrialRow } from '../../records/index.ts';

/** The parts of a `RunReader` that findings read, over records in memory. */
export class MemoryRun implements RunReader {
  readonly folder = 'memory';
  readonly damaged = [];
  readonly manifest: Manifest;
  readonly #trials: readonly TrialRow[];
  readonly #ratings: readonly Rating[];
  readonly #frames: readonly LabelFrame[];

  constructor(
    manifest: Manifest,
    trials: readonly TrialRow[],
    ratings: readonly Rating[],
    frames: readonly LabelFrame[] = [],
  ) {
    this.manifest = manifest;
    this.#trials = trials;
    this.#ratings = ratings;
    this.#frames = frames;
  }

  trials(): Iterable<TrialRow> {
    return this.#trials;
  }

  countTrials(): number {
    return this.#trials.length;
  }

  countRatedAlone(): number {
    return 0;
  }

  async *ratings(): AsyncIterable<Rating> {
    yield* this.#ratings;
  }

  async *ratingBatches(): AsyncIterable<readonly Rating[]> {
    for (let i = 0; i < this.#ratings.length; i += 4096) yield this.#ratings.slice(i, i + 4096);
  }

  labelFrames(): readonly LabelFrame[] {
    return this.#frames;
  }

  refresh(): void {}
  close(): void {}
  [Symbol.dispose](): void {}

  losses(): never {
    throw new Error('findings do not read this');
  }
  samples(): never {
    throw new Error('findings do not read this');
  }
  trial(): never {
    throw new Error('findings do not read this');
  }
  ratingsOf(): never {
    throw new Error('findings do not read this');
  }
  ratingRows(): never {
    throw new Error('findings do not read this');
  }
  ratedKeys(): never {
    throw new Error('findings do not read this');
  }
  transcript(): never {
    throw new Error('findings do not read this');
  }
  transcripts(): never {
    throw new Error('findings do not read this');
  }
}
