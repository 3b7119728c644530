import { type Eval, ModelError, type Rating, StemmaError, type Transcript } from '../core/index.ts';
import type { Seat } from './crew.ts';
import type { Session } from './session.ts';
import type { Cell } from './tally.ts';

/** What is rated, and where it is counted. */
export interface Subject {
  readonly transcript: Transcript;
  readonly evaluation: Eval;
  readonly cell: Cell;
}

/** Has these raters rate one transcript, at once; resolves when all have ended, rejects as the first that failed did. */
export async function rateByAll(session: Session, seats: readonly Seat[], subject: Subject): Promise<void> {
  if (seats.length === 1) return rateTranscript(session, seats[0]!, subject);
  // All are waited for: a trial must not count as ended while one of its raters still writes.
  const results = await Promise.allSettled(seats.map((seat) => rateTranscript(session, seat, subject)));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

/**
 * Has one rater rate one transcript, and records what it says. When this resolves, the ratings are on disk.
 *
 * @throws ModelError (`cancelled`) when all was dropped meanwhile: nothing was recorded
 * @throws StemmaError when the eval's own code fails, naming the trial; RecordsError as records do
 */
async function rateTranscript(
  session: Session,
  { rater, slots, price }: Seat,
  { transcript, evaluation, cell }: Subject,
): Promise<void> {
  const wait = slots?.take();
  if (wait) await wait;
  let ratings: readonly Rating[];
  try {
    ratings = await evaluation.rate(transcript, rater, { signal: session.halt.signal });
  } catch (error) {
    if (error instanceof StemmaError) throw error;
    throw new StemmaError(
      `the eval "${evaluation.name}" could not turn the words of the rater "${rater.id}" into ratings`,
      {
        place: { trial: transcript.key },
        cause: error,
      },
    );
  } finally {
    slots?.give();
  }
  // What failed because all was dropped is no failure of the judge's.
  if (session.halt.dropped && ratings.some(({ status }) => status === 'error')) {
    throw new ModelError('cancelled', `rating ${transcript.key} was cancelled`);
  }
  await session.writer.appendRatings(ratings);
  session.tally.ratings(cell, ratings, price);
  session.meter.touch();
}
