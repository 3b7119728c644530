import {
  hasLabelAlone,
  parseTrialKey,
  type Rating,
  type RatingStatus,
  signBits,
  signsOf,
  type Transcript,
  type TranscriptStatus,
} from '../core/index.ts';
import { isObject, type Members, parsedJson } from '../core/parsed-json.ts';
import { answerDigest, servedText } from './answered-by.ts';
import { hasChecksum, withChecksum } from './checksum.ts';

/**
 * The format of a segment, version 2.
 *
 * `transcripts/<writer>.jsonl` and `ratings/<writer>.jsonl` are UTF-8 text: one JSON object a line, every line ended by
 * a line feed (0x0A). A segment has one writer, named after its role: `elicit`, `rate-<rater>`, `label-<labeller>`. Segments
 * only grow. A line of `transcripts/` is a `Transcript`, a line of `ratings/` a `Rating`, both as in `core/`. Readers keep
 * members that they do not know.
 *
 * **Checksum.** The last member of a line is `"crc32"`, over all bytes of the line before its comma (`checksum.ts`). A line
 * whose checksum is wrong or missing is damaged. It is counted and named, and all other lines are read.
 *
 * **Order of members.** Any order is read, except for the checksum. Writers put first what the index needs, so that the
 * index need not parse the rest:
 *
 *     {"key":…,"attempt":…,"status":…,"cluster":…,"digests":{"sample":…,"sampling":…},"served":[…],
 *      "derived":{"version":1,"answer":…,"signs":…},"usage":{"inputTokens":…,"outputTokens":…,…},…,"crc32":"89abcdef"}
 *     {"key":…,"measure":…,"rater":…,"raterDigest":…,"attempt":…,"status":…,…,"crc32":"89abcdef"}
 *
 * **Derived members.** `"derived"` holds what the index would compute from the rest of a transcript: a digest of the answer and
 * the signs of a doubtful one. It belongs to the format, not to the transcript. A reader takes it only where the checksum is
 * right and `version` is its own; otherwise it parses the line and computes them.
 *
 * **Batches.** The ratings of one rater of one trial are useful only together. They are written at once, and each line but
 * the last has a member `"more"`: the number of lines of its batch that follow. A segment that ends before the last line of
 * a batch ends, for its readers, before the first. If a line of a batch is damaged, the other lines count, and the rater is
 * asked about that trial again.
 *
 * **What counts.** Of a trial's transcripts the one with the highest `attempt`. Of its ratings those with that same
 * `attempt`; of these, for each measure and rater, the last one. Where two segments have the same, the one in the segment
 * whose name sorts last; `main` sorts before all others. Writers write no attempt twice, so this matters only for folders
 * that were put together by hand.
 *
 * **Torn ends.** A process that dies while it writes leaves a part of a line at the end. Readers pass over it. The next
 * owner of the role cuts it off, and its trial runs again.
 *
 * **Version 1.** One segment of each kind, `main.jsonl`, without checksums. Its lines are read as they are, and a line that
 * is not a record is damaged. Nothing is appended to it any more: a run that is continued gets segments of version 2 beside it.
 */
/** What the index takes from a line of `transcripts/`. */
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
  /** As `signBits` writes them. */
  readonly signs: number;
}

/** What the index takes from a line of `ratings/`. `more`: lines of its batch still to come. */
export interface RatingHead {
  readonly key: string;
  readonly measure: string;
  readonly rater: string;
  readonly raterDigest: string;
  readonly attempt: number;
  readonly status: RatingStatus;
  /** As in `RatingRow`. */
  readonly labelAlone: boolean;
  readonly more: number;
}

export const TRANSCRIPT_STATUSES: readonly TranscriptStatus[] = ['completed', 'limit', 'error', 'empty'];
const RATING_STATUSES: readonly RatingStatus[] = ['rated', 'unparsed', 'refused', 'error'];

/** How the index keeps the status of a rating: one number more than there are statuses is for a label without a value. */
export function ratingCode({ status, labelAlone }: Pick<RatingHead, 'status' | 'labelAlone'>): number {
  return labelAlone ? RATING_STATUSES.length : RATING_STATUSES.indexOf(status);
}

/** What `ratingCode` made a number of. */
export function statusOfCode(code: number): Pick<RatingHead, 'status' | 'labelAlone'> {
  const labelAlone = code === RATING_STATUSES.length;
  return { status: labelAlone ? 'unparsed' : RATING_STATUSES[code]!, labelAlone };
}

/** Changes whenever `answerDigest` or `signsOf` do: what an earlier version derived is then computed anew. */
const DERIVED_VERSION = 2;

/** A record as it is written: a line, its line feed included, and what the index takes from it. */
export interface RecordLine {
  readonly text: string;
  readonly head: TranscriptHead | RatingHead;
}

export function transcriptLine(transcript: Transcript): RecordLine {
  const { key, attempt, status, cluster, served } = transcript;
  const { sample, sampling } = transcript.digests;
  const { inputTokens, outputTokens, ...furtherUsage } = transcript.usage;
  const digests = { sample, sampling };
  const usage = { inputTokens, outputTokens, ...furtherUsage };
  const answer = answerDigest(transcript, 'utf8');
  const signs = signBits(signsOf(transcript));
  const derived = { version: DERIVED_VERSION, answer, signs };
  // A member that comes again keeps its place. To leave these out of the rest would take twice the time.
  const head: object = { key, attempt, status, cluster, digests, served, derived, usage };
  return {
    text: withChecksum(JSON.stringify({ ...head, ...transcript, digests, derived, usage })),
    head: {
      key,
      attempt,
      status,
      cluster,
      sampleDigest: sample,
      samplingDigest: sampling,
      inputTokens: countOf(inputTokens),
      outputTokens: countOf(outputTokens),
      served: servedText(transcript, 'utf8'),
      answer,
      signs,
    },
  };
}

/** A line of `transcripts/`, parsed: `derived` belongs to the format, not to the transcript. */
export type TranscriptLine = Transcript & { readonly derived?: unknown };

export function withoutDerived(line: TranscriptLine): Transcript {
  const { derived: _, ...transcript } = line;
  return transcript;
}

/** A line of `ratings/`, parsed: `more` belongs to the format, not to the rating. */
export type RatingLine = Rating & { readonly more?: number };

/** The lines of one batch. */
export function ratingLines(ratings: readonly Rating[]): RecordLine[] {
  return ratings.map((rating, position) => {
    // A plugin's rule may say more of a rating than a rating has, but not a member that belongs to the format.
    const { more: _, key, measure, rater, raterDigest, attempt, status, ...rest } = rating as RatingLine;
    const more = ratings.length - 1 - position;
    const head = { key, measure, rater, raterDigest, attempt, status };
    return {
      text: withChecksum(JSON.stringify({ ...head, ...(more === 0 ? {} : { more }), ...rest })),
      head: { ...head, labelAlone: hasLabelAlone(rating), more },
    };
  });
}

/**
 * A JSON string. The engine keeps a place to return to for each escape, and ends in an error where millions follow each other:
 * with more than these, the line is parsed instead.
 */
const INSIDE = '[^"\\\\\\n]*(?:\\\\.[^"\\\\\\n]*){0,10000}';
const TEXT = `"(${INSIDE})"`;
const COUNT = '(null|\\d+)';
/** A list of objects whose members are texts. */
const SERVED = `(\\[(?:\\{(?:"[a-z]+":"${INSIDE}",?){0,100}\\},?){0,100}\\])`;
const DERIVED = `\\{"version":${DERIVED_VERSION},"answer":(?:null|"([0-9a-f]{16})"),"signs":(\\d+)\\}`;
const TRANSCRIPT_HEAD = new RegExp(
  `\\{"key":${TEXT},"attempt":([1-9]\\d*),"status":"(${TRANSCRIPT_STATUSES.join('|')})","cluster":${TEXT},` +
    `"digests":\\{"sample":${TEXT},"sampling":${TEXT}\\},(?:(?:"served":${SERVED},)?"derived":${DERIVED},)?` +
    `"usage":\\{"inputTokens":${COUNT},"outputTokens":${COUNT}[,}]`,
  'y',
);
const RATING_HEAD = new RegExp(
  `\\{"key":${TEXT},"measure":${TEXT},"rater":${TEXT},"raterDigest":${TEXT},"attempt":([1-9]\\d*),` +
    `"status":"(${RATING_STATUSES.join('|')})"(?:,"more":(\\d+))?[,}]("value":null,"label":")?`,
  'y',
);

/**
 * The head of the transcript record that is in `latin1` from `start` up to `end`. The rest is parsed too where no checksum
 * says that it is whole, or where it is needed for what is derived from it: a trial whose transcript can't be read is not done.
 *
 * @param latin1 a part of the segment, decoded as Latin-1: one character a byte, so that positions are offsets. Where the
 *   record ends with a checksum, that was found to be right
 * @returns null when it is not a whole transcript
 */
export function transcriptHead(latin1: string, start: number, end: number): TranscriptHead | null {
  TRANSCRIPT_HEAD.lastIndex = start;
  const found = TRANSCRIPT_HEAD.exec(latin1);
  const known =
    found === null || TRANSCRIPT_HEAD.lastIndex > end ? null : derivedIn(found, latin1, start, end);
  if (found === null || known === null) return foreignTranscriptHead(parseLine(latin1, start, end));
  const key = decoded(found[1]!);
  const attempt = Number(found[2]);
  if (!isTrialKey(key) || !isAttempt(attempt)) return null;
  return {
    key,
    attempt,
    status: found[3] as TranscriptStatus,
    cluster: decoded(found[4]!),
    sampleDigest: decoded(found[5]!),
    samplingDigest: decoded(found[6]!),
    inputTokens: found[10] === 'null' ? null : countOf(Number(found[10])),
    outputTokens: found[11] === 'null' ? null : countOf(Number(found[11])),
    ...known,
  };
}

type Derived = Pick<TranscriptHead, 'served' | 'answer' | 'signs'>;

/** What the line says of itself; where that can't be trusted, what is computed from its rest. Null where that is not JSON. */
function derivedIn(found: RegExpExecArray, latin1: string, start: number, end: number): Derived | null {
  const [served, answer = null, signs] = found.slice(7, 10);
  if (signs !== undefined && hasChecksum(latin1, end)) {
    return { served: served === undefined ? null : servedIn(served), answer, signs: Number(signs) };
  }
  const line = parsedLatin1(latin1, start, end);
  return line && derivedFrom(line, 'latin1');
}

function derivedFrom(line: Members, encoding: 'latin1' | 'utf8'): Derived {
  return {
    served: servedText(line, encoding),
    answer: answerDigest(line, encoding),
    signs: signBits(signsOf(line)),
  };
}

/** A run has hundreds of thousands of answers and a handful of servers' names. */
const servedTexts = new Map<string, string | null>();
const MOST_SERVED_TEXTS = 1000;

function servedIn(json: string): string | null {
  let text = servedTexts.get(json);
  if (text === undefined) {
    if (servedTexts.size === MOST_SERVED_TEXTS) servedTexts.clear();
    text = servedText({ served: JSON.parse(json) }, 'latin1');
    servedTexts.set(json, text);
  }
  return text;
}

/** What can be read of the head of a damaged transcript; any part of it may be wrong. */
export function damagedTranscriptHead(
  latin1: string,
  start: number,
  end: number,
): Pick<TranscriptHead, 'key' | 'attempt'> | null {
  TRANSCRIPT_HEAD.lastIndex = start;
  const found = TRANSCRIPT_HEAD.exec(latin1);
  if (found === null || TRANSCRIPT_HEAD.lastIndex > end) return null;
  return readable(() => ({ key: decoded(found[1]!), attempt: Number(found[2]) }));
}

/** The head of a rating record; the rest is not looked at here: whoever wants to know of ratings reads all of them. */
export function ratingHead(latin1: string, start: number, end: number): RatingHead | null {
  RATING_HEAD.lastIndex = start;
  const found = RATING_HEAD.exec(latin1);
  if (found === null || RATING_HEAD.lastIndex > end || latin1[end - 1] !== '}') {
    return foreignRatingHead(parseLine(latin1, start, end));
  }
  return ratingOf(found);
}

/** What can be read of the head of a damaged rating; any part of it may be wrong. */
export function damagedRatingHead(latin1: string, start: number, end: number): RatingHead | null {
  RATING_HEAD.lastIndex = start;
  const found = RATING_HEAD.exec(latin1);
  return found === null || RATING_HEAD.lastIndex > end ? null : readable(() => ratingOf(found));
}

function ratingOf(found: RegExpExecArray): RatingHead | null {
  const attempt = Number(found[5]);
  if (!isAttempt(attempt)) return null;
  return {
    key: decoded(found[1]!),
    measure: decoded(found[2]!),
    rater: decoded(found[3]!),
    raterDigest: decoded(found[4]!),
    attempt,
    status: found[6] as RatingStatus,
    labelAlone: found[6] === 'unparsed' && found[8] !== undefined,
    more: countOf(Number(found[7] ?? 0)) ?? 0,
  };
}

/** What a text of a damaged line says; null where its escapes can't be read. */
function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** A JSON string's inside, as Latin-1 bytes, to text. */
function decoded(inside: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII but the backslash
  if (/^[\x00-\x5b\x5d-\x7f]*$/.test(inside)) return inside;
  return JSON.parse(`"${Buffer.from(inside, 'latin1').toString('utf8')}"`);
}

/** Bytes do for text here, because what is not ASCII is inside strings only: these then hold a character a byte. */
function parsedLatin1(bytes: string, start: number, end: number): Members | null {
  return (parsedJson(bytes.slice(start, end)) as Members | undefined) ?? null;
}

/** The line's object, or null where it holds none. */
function parseLine(latin1: string, start: number, end: number): Members | null {
  const value = parsedJson(Buffer.from(latin1.slice(start, end), 'latin1').toString('utf8'));
  return isObject(value) ? value : null;
}

function foreignTranscriptHead(line: Members | null): TranscriptHead | null {
  const { key, attempt, status, cluster } = line ?? {};
  const { sample, sampling } = (line?.digests ?? {}) as Members;
  const usage = (line?.usage ?? {}) as Members;
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
    inputTokens: countOf(usage.inputTokens),
    outputTokens: countOf(usage.outputTokens),
    ...derivedFrom(line ?? {}, 'utf8'),
  };
}

function foreignRatingHead(line: Members | null): RatingHead | null {
  const { key, measure, rater, raterDigest, attempt, status, label, more } = line ?? {};
  const texts = [key, measure, rater, raterDigest].every((text) => typeof text === 'string');
  if (!texts || !isAttempt(attempt) || !isOneOf(RATING_STATUSES, status)) return null;
  return {
    key: key as string,
    measure: measure as string,
    rater: rater as string,
    raterDigest: raterDigest as string,
    attempt,
    status,
    labelAlone: hasLabelAlone({ status, ...(typeof label === 'string' ? { label } : {}) }),
    more: countOf(more) ?? 0,
  };
}

function isTrialKey(key: string): boolean {
  // The index stores UTF-8, where a half of a character can't be.
  if (!key.isWellFormed()) return false;
  try {
    parseTrialKey(key);
    return true;
  } catch {
    return false;
  }
}

function isAttempt(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

/** A count of tokens; null for what a server can't have meant: a fraction, or more than a number holds exactly. */
function countOf(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;
}

function isOneOf<T>(values: readonly T[], value: unknown): value is T {
  return values.includes(value as T);
}
