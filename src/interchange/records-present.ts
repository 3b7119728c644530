import { type Rating, type Transcript, trialKey } from '../core/index.ts';
import type { RunReader } from '../records/index.ts';

/** How a rating is called: by its trial, measure and rater. */
function ratingName({ key, measure, rater }: Pick<Rating, 'key' | 'measure' | 'rater'>): string {
  return `${rater}\n${measure}\n${key}`;
}

/**
 * What a run has already of what is imported into it. For an addition it also counts what the addition has otherwise than
 * the run: a run keeps the values and responses that it has.
 */
export class RecordsPresent {
  readonly #reader: RunReader;
  readonly #compares: boolean;
  readonly #trials = new Set<string>();
  /** Values of ratings by their names, as far as they are compared. */
  readonly #ratings = new Map<string, number | null>();
  readonly #other = { ratings: 0, responses: 0 };
  readonly #first: { rating?: string; response?: string } = {};

  private constructor(reader: RunReader, compares: boolean) {
    this.#reader = reader;
    this.#compares = compares;
    for (const { key } of reader.trials()) this.#trials.add(key);
  }

  /** @param compares whether values and responses are compared: then all ratings are read */
  static async of(reader: RunReader, { compares }: { readonly compares: boolean }): Promise<RecordsPresent> {
    const present = new RecordsPresent(reader, compares);
    if (!compares) for (const rating of reader.ratingRows()) present.#ratings.set(ratingName(rating), null);
    else for await (const rating of reader.ratings()) present.#ratings.set(ratingName(rating), rating.value);
    return present;
  }

  transcript({ key }: Transcript): boolean {
    return this.#trials.has(key);
  }

  rating(rating: Rating): boolean {
    return this.#ratings.has(ratingName(rating));
  }

  /** Looks at a trial that the run has already. */
  async compare(transcript: Transcript, ratings: readonly Rating[]): Promise<void> {
    if (!this.#compares) return;
    for (const rating of ratings) {
      const known = this.#ratings.get(ratingName(rating));
      if (known === undefined || known === rating.value) continue;
      this.#other.ratings++;
      this.#first.rating ??= `${trialKey(transcript.trial)}: ${said(known)} in the run, ${said(rating.value)} here`;
    }
    if (transcript.output.length === 0) return;
    const known = await this.#reader.transcript(transcript.key);
    if (known === undefined || known.response === transcript.response) return;
    this.#other.responses++;
    this.#first.response ??= trialKey(transcript.trial);
  }

  /** What the user should know; empty where nothing is otherwise. */
  notes(): string[] {
    const { ratings, responses } = this.#other;
    const note = (count: number, what: string, first: string | undefined) =>
      count === 0
        ? []
        : [
            `${count} ${count === 1 ? `${what} differs from that` : `${what}s differ from those`} of the run, which keeps its own (${first}).`,
          ];
    return [
      ...note(ratings, 'value', this.#first.rating),
      ...note(responses, 'response', this.#first.response),
    ];
  }
}

function said(value: number | null): string {
  return value === null ? 'none' : String(value);
}
