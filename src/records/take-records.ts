import type { ByteSource } from './byte-source.ts';
import type { FreshRecords } from './fresh-records.ts';
import {
  damagedRatingHead,
  damagedTranscriptHead,
  type RatingHead,
  ratingHead,
  type TranscriptHead,
  transcriptHead,
} from './line.ts';
import { type Loss, type RatingAt, RatingBatches } from './rating-batches.ts';
import { recordsInLine, recordsInTail } from './records-in-line.ts';
import { type Chunk, scanLines } from './scan.ts';
import { checksumsDue, type Segment } from './segment.ts';

/** Where the records of a segment go that is read from some point on. */
export interface RecordVisitor {
  transcript(head: TranscriptHead, offset: number, length: number): void;
  /** Ratings that count from now on, and ratings that damage took. */
  ratings(batch: readonly RatingAt[], losses: readonly Loss[]): void;
  /** @param line from 1; `head`: as much as can be read, any part of which may be wrong */
  damage(line: number, what: 'record' | 'line feed', head: DamagedHead | RatingHead | null): void;
}

/** What can be read of the head of a damaged transcript. */
export type DamagedHead = Pick<TranscriptHead, 'key' | 'attempt'>;

/** How far a segment was read. */
export interface Scanned {
  /** Behind the last record or damaged line that was taken in. */
  readonly scanned: number;
  readonly lines: number;
  readonly records: number;
}

/**
 * Reads the records of a segment from an offset on.
 *
 * @param source of the segment, open for reading
 * @param from       how far it was read before
 * @param takers     get each record once
 */
export function takeRecords(
  source: ByteSource,
  { kind, name }: Pick<Segment, 'kind' | 'name'>,
  from: Scanned,
  takers: RecordVisitor,
): Scanned {
  const due = checksumsDue(name);
  const batches = new RatingBatches(takers.ratings);
  let { lines, records } = from;
  let chunk: Chunk = { bytes: Buffer.alloc(0), latin1: '', offset: from.scanned };
  const damaged = (start: number, end: number) => {
    const head =
      kind === 'transcripts'
        ? damagedTranscriptHead(chunk.latin1, start, end)
        : damagedRatingHead(chunk.latin1, start, end);
    takers.damage(lines, 'record', head);
    if (kind === 'ratings') batches.damaged(head as RatingHead | null);
  };
  const record = (start: number, end: number) => {
    const { latin1, offset } = chunk;
    const place = { offset: offset + start, length: end - start };
    if (kind === 'transcripts') {
      const head = transcriptHead(latin1, start, end);
      if (head === null) return damaged(start, end);
      takers.transcript(head, place.offset, place.length);
    } else {
      const head = ratingHead(latin1, start, end);
      if (head === null) return damaged(start, end);
      batches.line({ head, ...place });
    }
    records++;
  };
  const parts = { record, damaged, lineFeed: () => takers.damage(lines, 'line feed', null) };
  let tail = 0;
  const whole = scanLines(source, from.scanned, (at, start, end, complete) => {
    chunk = at;
    lines++;
    if (complete) recordsInLine(at, { start, end, due }, parts);
    else {
      tail = due ? recordsInTail(at, { start, end }, parts) : 0;
      if (tail === 0) lines--;
    }
  });
  const [first] = batches.open;
  if (first === undefined) return { scanned: whole + tail, lines, records };
  return {
    scanned: first.offset,
    lines: lines - batches.open.length,
    records: records - batches.open.length,
  };
}

/** Takes what this process has put on disk in a segment, in the place of reading it: every record there is whole. */
export function takeFresh(
  { records, end }: NonNullable<ReturnType<FreshRecords['take']>>,
  { kind }: Pick<Segment, 'kind'>,
  from: Scanned,
  takers: RecordVisitor,
): Scanned {
  const batches = new RatingBatches(takers.ratings);
  for (const { head, offset, length } of records) {
    if (kind === 'transcripts') takers.transcript(head as TranscriptHead, offset, length);
    else batches.line({ head: head as RatingHead, offset, length });
  }
  return { scanned: end, lines: from.lines + records.length, records: from.records + records.length };
}
