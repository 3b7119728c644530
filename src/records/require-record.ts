import { type Rating, RecordsError, type Transcript, trialKey } from '../core/index.ts';
import { isObject } from '../core/parsed-json.ts';

/**
 * Lines have a checksum for damage. A line that another program wrote may have a right one, and members that are not what
 * they must be: a value that is text, a label that is a list. All that is computed and shown trusts the types.
 *
 * @throws RecordsError naming the trial and the member
 */
export function requireRating(rating: Rating): void {
  const { status, value } = rating;
  const rated = status === 'rated';
  if (rated ? !Number.isFinite(value) : value !== null && value !== undefined) {
    throw notARecord(
      rating,
      'rating',
      `${rating.rater} rated ${rating.measure}, status ${status}, with value`,
      value,
    );
  }
  for (const member of ['label', 'explanation', 'quote', 'raw'] as const) {
    const text: unknown = rating[member];
    if (text === undefined || typeof text === 'string') continue;
    throw notARecord(rating, 'rating', `the ${member} that ${rating.rater} gave ${rating.measure} is`, text);
  }
}

/** @throws RecordsError naming the trial and the member */
export function requireTranscript(transcript: Transcript): void {
  const { key, trial, metadata, input, output, thoughts, response } = transcript;
  const wrong = Object.entries({
    trial: isObject(trial) && trialKey(trial) === key,
    metadata: isObject(metadata),
    input: areMessages(input),
    output: areMessages(output),
    thoughts: thoughts === null || typeof thoughts === 'string',
    response: response === null || typeof response === 'string',
  }).find(([, right]) => !right);
  if (wrong === undefined) return;
  const member = wrong[0] as keyof Transcript;
  throw notARecord(transcript, 'transcript', `its ${member} is`, transcript[member]);
}

function areMessages(list: unknown): boolean {
  return (
    Array.isArray(list) &&
    list.every(
      (message) =>
        isObject(message) && [message.role, message.content].every((text) => typeof text === 'string'),
    )
  );
}

function notARecord({ key }: Rating | Transcript, kind: string, what: string, value: unknown): RecordsError {
  const said = (JSON.stringify(value) ?? 'missing').slice(0, 80);
  return new RecordsError(`not the ${kind} of a run: ${what} ${said}`, {
    place: { trial: key },
    remedy:
      'Whatever wrote this line did not keep to docs/records.md: correct it there and write the records again.',
  });
}
