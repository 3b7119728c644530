import {
  type Digest,
  digestOf,
  parseTrialKey,
  type Rater,
  type Rating,
  type Transcript,
  type TrialKey,
} from '../core/index.ts';
import type { RunReader } from '../records/index.ts';
import type { RaterCall } from './calls.ts';

/** What is read of a run's records. */
export type RatedRun = Pick<RunReader, 'ratingRows' | 'ratingsOf' | 'transcript'>;

/**
 * Ratings that hold for every trial of a sample, because the rater is shown the prompt alone: stage, epoch and response do
 * not matter. Such a question is asked once per sample and rater, and each trial gets a copy of the rating, without tokens.
 *
 * It looks in the run's records first, then among the calls that this process makes. Demands that come at the same time
 * share one call. Only values are shared: after a call that gave none, the next trial asks again.
 */
export class SharedRatings {
  readonly #records: (() => Promise<RatedRun>) | undefined;
  readonly #recorded = new Map<string, ReadonlyMap<string, TrialKey>>();
  readonly #latest = new Map<Digest, Promise<readonly Rating[]>>();

  /** @param records opens the run's records when they are first searched; absent: only calls of this process are shared */
  constructor(records?: () => Promise<RatedRun>) {
    this.#records = records;
  }

  /**
   * @param ask makes the call for this transcript
   * @returns one rating for each ask of the call
   * @throws what `ask` throws, for the trial that asked; the next trial then asks for itself
   */
  async rate(
    rater: Rater,
    call: RaterCall,
    transcript: Transcript,
    ask: () => Promise<readonly Rating[]>,
  ): Promise<readonly Rating[]> {
    const digests = call.asks.map(({ question }) => rater.digest(question));
    const id = digestOf({ rater: rater.id, digests, prompt: promptOf(transcript) });
    const before = this.#latest.get(id);
    const demand = async () => {
      const known = await (before === undefined
        ? this.#find(rater, call, transcript)
        : before.catch(() => undefined));
      return known?.every(({ status }) => status === 'rated') ? known : ask();
    };
    const ratings = demand();
    this.#latest.set(id, ratings);
    return (await ratings).map((rating) => copyFor(transcript, rating));
  }

  /** Ratings that another trial of the sample has in the records. */
  async #find(
    rater: Rater,
    { asks }: RaterCall,
    transcript: Transcript,
  ): Promise<readonly Rating[] | undefined> {
    if (this.#records === undefined) return undefined;
    const run = await this.#records();
    const { eval: name, sample } = transcript.trial;
    const key = this.#keys(run, rater.id, asks[0].measure.id).get(`${name}/${sample}`);
    if (key === undefined) return undefined;
    const other = await run.transcript(key);
    if (other === undefined || promptOf(other) !== promptOf(transcript)) return undefined;
    const recorded = (await run.ratingsOf(key)).filter((rating) => rating.rater === rater.id);
    const found = asks.flatMap(({ question, measure }) => {
      const digest = rater.digest(question);
      return recorded.find((one) => one.measure === measure.id && one.raterDigest === digest) ?? [];
    });
    return found.length === asks.length ? found : undefined;
  }

  /** For each sample, a trial that this rater gave a value of the measure. Read once: a session's own calls are known. */
  #keys(run: RatedRun, rater: string, measure: string): ReadonlyMap<string, TrialKey> {
    const id = `${rater} ${measure}`;
    let keys = this.#recorded.get(id);
    if (keys === undefined) {
      const rated = [...run.ratingRows({ rater, measure })].filter(({ status }) => status === 'rated');
      keys = new Map(
        rated.map(({ key }) => {
          const { eval: name, sample } = parseTrialKey(key);
          return [`${name}/${sample}`, key];
        }),
      );
      this.#recorded.set(id, keys);
    }
    return keys;
  }
}

/** Of all that a question about the prompt can depend on: the sample with its metadata, and the messages as sent. */
function promptOf({ digests: { sample }, input }: Transcript): Digest {
  return digestOf({ sample, input });
}

/** The tokens were spent, and the reply was given, in the trial that asked. */
function copyFor({ key, attempt }: Transcript, rating: Rating): Rating {
  if (rating.key === key) return rating;
  const { usage: _, raw: __, ...same } = rating;
  return { ...same, key, attempt };
}
