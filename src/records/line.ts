import {
  parseTrialKey,
  type Rating,
  type RatingStatus,
  type Transcript,
  type TranscriptStatus,
} from '../core/index.ts';
import { answerDigest, servedText } from './answered-by.ts';

/**
 * The format of a segment, version 1.
 *
 * `transcripts/<writer>.jsonl` and `ratings/<writer>.jsonl` are UTF-8 text, one JSON object a line, every line ended by
 * a line feed (0x0A). A line that has no line feed yet doesn't count. Segments only grow. A line of `transcripts/` is a
 * `Transcript`, a line of `ratings/` a `Rating`, both as in `core/`; members that a reader does not know are kept.
 *
 * **Members in order.** Any order is read. The one written here puts first what an index needs, so that a segment of ratings
 * is indexed at the speed of finding its line feeds:
 *
 *     {"key":…,"attempt":…,"status":…,"cluster":…,"digests":{"sample":…,"sampling":…},
 *      "usage":{"inputTokens":…,"outputTokens":…,…},…}
 *     {"key":…,"measure":…,"rater":…,"raterDigest":…,"attempt":…,"status":…,…}
 *
 * **Batches.** The ratings of one rater of one trial are worth something together only. They are written in one go, and
 * each but the last has a member `"more"`: how many lines of its batch are still to come. A segment that ends before the
 * last line of a batch ends, for its readers, before the first.
 *
 * **What counts.** Of a trial's transcripts the one with the highest `attempt`; of its ratings those with that same
 * `attempt`; of these, for each measure and rater, the last one. Where two segments have the same, the one in the segment
 * whose name sorts last. Writers write no attempt twice, so this matters only to folders that were put together by hand.
 *
 * **Torn lines.** A machine that dies while writing leaves a last line without its line feed. Readers pass over it,
 * the next writer cuts it off, and its trial runs again. Damage anywhere else is an error that names the line.
 */
export interface TranscriptHead {
  readonly key: string;
  readonly attempt: number;
  readonly status: TranscriptStatus;
  readonly cluster: string;
  readonly sampleDigest: string;
  readonly samplingDigest: string;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  /** As in `TrialRow`. */
  readonly served: string | null;
  readonly answer: string | null;
}

/** What the index takes from a line of `ratings/`. `more`: lines of its batch still to come. */
export interface RatingHead {
  readonly key: string;
  readonly measure: string;
  readonly rater: string;
  readonly raterDigest: string;
  readonly attempt: number;
  readonly status: RatingStatus;
  readonly more: number;
}

export const TRANSCRIPT_STATUSES: readonly TranscriptStatus[] = ['completed', 'limit', 'error'];
export const RATING_STATUSES: readonly RatingStatus[] = ['rated', 'unparsed', 'refused', 'error'];

export function transcriptLine(transcript: Transcript): string {
  const { key, attempt, status, cluster, digests, usage, ...rest } = transcript;
  const { sample, sampling } = digests;
  const { inputTokens, outputTokens, ...furtherUsage } = usage;
  const head = { key, attempt, status, cluster, digests: { sample, sampling } };
  return `${JSON.stringify({ ...head, usage: { inputTokens, outputTokens, ...furtherUsage }, ...rest })}\n`;
}

/** The lines of one batch. */
export function ratingLines(ratings: readonly Rating[]): string {
  let lines = '';
  ratings.forEach((rating, position) => {
    const { key, measure, rater, raterDigest, attempt, status, ...rest } = rating;
    const more = ratings.length - 1 - position;
    const head = { key, measure, rater, raterDigest, attempt, status };
    lines += `${JSON.stringify({ ...head, ...(more === 0 ? {} : { more }), ...rest })}\n`;
  });
  return lines;
}

const TEXT = '"((?:[^"\\\\\\n]|\\\\.)*)"';
const COUNT = '(null|\\d+)';
const TRANSCRIPT_HEAD = new RegExp(
  `\\{"key":${TEXT},"attempt":([1-9]\\d*),"status":"(${TRANSCRIPT_STATUSES.join('|')})","cluster":${TEXT},` +
    `"digests":\\{"sample":${TEXT},"sampling":${TEXT}\\},"usage":\\{"inputTokens":${COUNT},"outputTokens":${COUNT}[,}]`,
  'y',
);
const RATING_HEAD = new RegExp(
  `\\{"key":${TEXT},"measure":${TEXT},"rater":${TEXT},"raterDigest":${TEXT},"attempt":([1-9]\\d*),` +
    `"status":"(${RATING_STATUSES.join('|')})"(?:,"more":(\\d+))?[,}]`,
  'y',
);

/**
 * The head of the transcript line that stands in `bytes` from `start` up to `end`. The rest is parsed too: a trial whose
 * transcript can't be read is not done, and a run that goes on would not read it.
 *
 * @param bytes a part of the segment, decoded as Latin-1: one character a byte, so that positions are offsets
 * @returns null when there is no whole transcript
 */
export function transcriptHead(bytes: string, start: number, end: number): TranscriptHead | null {
  TRANSCRIPT_HEAD.lastIndex = start;
  const found = TRANSCRIPT_HEAD.exec(bytes);
  const line = found === null || TRANSCRIPT_HEAD.lastIndex > end ? null : parsedLatin1(bytes, start, end);
  if (found === null || line === null) return foreignTranscriptHead(parseLine(bytes, start, end));
  const key = decoded(found[1]!);
  if (!isTrialKey(key)) return null;
  return {
    key,
    attempt: Number(found[2]),
    status: found[3] as TranscriptStatus,
    cluster: decoded(found[4]!),
    sampleDigest: decoded(found[5]!),
    samplingDigest: decoded(found[6]!),
    inputTokens: found[7] === 'null' ? null : Number(found[7]),
    outputTokens: found[8] === 'null' ? null : Number(found[8]),
    served: servedText(line, 'latin1'),
    answer: answerDigest(line, 'latin1'),
  };
}

/** The head of a rating line; the rest is not looked at here: whoever wants to know of ratings reads all of them. */
export function ratingHead(bytes: string, start: number, end: number): RatingHead | null {
  RATING_HEAD.lastIndex = start;
  const found = RATING_HEAD.exec(bytes);
  if (found === null || RATING_HEAD.lastIndex > end || bytes[end - 1] !== '}') {
    return foreignRatingHead(parseLine(bytes, start, end));
  }
  return {
    key: decoded(found[1]!),
    measure: decoded(found[2]!),
    rater: decoded(found[3]!),
    raterDigest: decoded(found[4]!),
    attempt: Number(found[5]),
    status: found[6] as RatingStatus,
    more: found[7] === undefined ? 0 : Number(found[7]),
  };
}

/** A JSON string's inside, as Latin-1 bytes, to text. */
function decoded(inside: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII but the backslash
  if (/^[\x00-\x5b\x5d-\x7f]*$/.test(inside)) return inside;
  return JSON.parse(`"${Buffer.from(inside, 'latin1').toString('utf8')}"`);
}

/** Bytes do for text here, because what is not ASCII stands inside strings only: these then hold a character a byte. */
function parsedLatin1(bytes: string, start: number, end: number): Fields | null {
  try {
    return JSON.parse(bytes.slice(start, end)) as Fields;
  } catch {
    return null;
  }
}

type Fields = Partial<Record<string, unknown>>;

/** The line's object, or null where it holds none. */
function parseLine(bytes: string, start: number, end: number): Fields | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes.slice(start, end), 'latin1').toString('utf8'));
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

function foreignTranscriptHead(line: Fields | null): TranscriptHead | null {
  const { key, attempt, status, cluster } = line ?? {};
  const { sample, sampling } = (line?.digests ?? {}) as Fields;
  const usage = (line?.usage ?? {}) as Fields;
  const texts = [key, cluster, sample, sampling].every((text) => typeof text === 'string');
  if (!texts || !isAttempt(attempt) || !isOneOf(TRANSCRIPT_STATUSES, status)) return null;
  if (!isTrialKey(key as string)) return null;
  return {
    key: key as string,
    attempt,
    status,
    cluster: cluster as string,
    sampleDigest: sample as string,
    samplingDigest: sampling as string,
    inputTokens: typeof usage.inputTokens === 'number' ? usage.inputTokens : null,
    outputTokens: typeof usage.outputTokens === 'number' ? usage.outputTokens : null,
    served: servedText(line ?? {}, 'utf8'),
    answer: answerDigest(line ?? {}, 'utf8'),
  };
}

function foreignRatingHead(line: Fields | null): RatingHead | null {
  const { key, measure, rater, raterDigest, attempt, status, more } = line ?? {};
  const texts = [key, measure, rater, raterDigest].every((text) => typeof text === 'string');
  if (!texts || !isAttempt(attempt) || !isOneOf(RATING_STATUSES, status)) return null;
  return {
    key: key as string,
    measure: measure as string,
    rater: rater as string,
    raterDigest: raterDigest as string,
    attempt,
    status,
    more: typeof more === 'number' ? more : 0,
  };
}

function isTrialKey(key: string): boolean {
  try {
    parseTrialKey(key);
    return true;
  } catch {
    return false;
  }
}

function isAttempt(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1;
}

function isOneOf<T>(values: readonly T[], value: unknown): value is T {
  return values.includes(value as T);
}
