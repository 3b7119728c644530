import { type Rating, type Transcript, trialKey } from '../core/index.ts';
import type { RunReader } from '../records/index.ts';

/** How a rating is called: by its trial, measure and rater. */
export function ratingName({ key, measure, rater }: Pick<Rating, 'key' | 'measure' | 'rater'>): string {
  return `${rater}\n${measure}\n${key}`;
}

/** Counts what an addition has otherwise than the run: a run keeps the values and responses that it has. */
export class KeptRecords {
  readonly #reader: RunReader;
  readonly #values: ReadonlyMap<string, number | null>;
  readonly #other = { ratings: 0, responses: 0 };
  readonly #first: { rating?: string; response?: string } = {};

  private constructor(reader: RunReader, values: ReadonlyMap<string, number | null>) {
    this.#reader = reader;
    this.#values = values;
  }

  /** Reads the values that a run has. */
  static async of(reader: RunReader): Promise<KeptRecords> {
    const values = new Map<string, number | null>();
    for await (const rating of reader.ratings()) values.set(ratingName(rating), rating.value);
    return new KeptRecords(reader, values);
  }

  /** Looks at a trial that the run has already. */
  async compare(transcript: Transcript, ratings: readonly Rating[]): Promise<void> {
    for (const rating of ratings) {
      const known = this.#values.get(ratingName(rating));
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
