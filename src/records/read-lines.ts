import { CHECKSUM_LENGTH, checksumOf } from './checksum.ts';
import { openSegment } from './open-segment.ts';
import { recordsInLine } from './records-in-line.ts';

const BLOCK = 1 << 20;

/** Where the wanted records of one segment stand: parallel arrays, in the order of the file. */
interface LinePlaces {
  readonly path: string;
  /** Whether each record must have a checksum. */
  readonly due: boolean;
  readonly offsets: readonly number[] | Float64Array;
  readonly lengths: readonly number[] | Float64Array;
}

/** Parses given records of a segment, reading those that are close together at once. Yields `null` for a damaged one. */
export async function* readLinesAt<T>({ path, due, offsets, lengths }: LinePlaces): AsyncGenerator<T | null> {
  await using file = await openSegment(path);
  for (let next = 0; next < offsets.length; ) {
    const from = offsets[next]!;
    let last = next;
    while (last + 1 < offsets.length && offsets[last + 1]! + lengths[last + 1]! - from <= BLOCK) last++;
    const bytes = await file.read(from, offsets[last]! + lengths[last]! - from);
    for (; next <= last; next++) {
      const start = offsets[next]! - from;
      yield parseRecord<T>(bytes, start, start + lengths[next]!, due);
    }
  }
}

/** Records, each with its offset in the file, and how many lines among them were damaged. */
interface LineBatch<T> {
  readonly records: T[];
  readonly offsets: Float64Array;
  readonly damaged: number;
}

/** The records of a segment up to an offset, parsed, in batches. Damaged lines are left out and counted. */
export async function* readBatches<T>(
  path: string,
  until: number,
  due: boolean,
): AsyncGenerator<LineBatch<T>> {
  await using file = await openSegment(path);
  for (let offset = 0, size = BLOCK; offset < until; ) {
    const bytes = await file.read(offset, Math.min(size, until - offset));
    // The last line may have lost its line feed.
    const complete = offset + bytes.length >= until ? bytes.length : bytes.lastIndexOf(0x0a) + 1;
    if (complete === 0) {
      // A line longer than a block, or a file that has become shorter since it was indexed.
      if (bytes.length < Math.min(size, until - offset)) return;
      size *= 2;
      continue;
    }
    yield parseBatch<T>(bytes.subarray(0, complete), offset, due);
    offset += complete;
    size = BLOCK;
  }
}

function parseRecord<T>(bytes: Buffer, start: number, end: number, due: boolean): T | null {
  if (end > bytes.length) return null;
  const checksum = checksumOf(bytes, start, end);
  if (checksum === 'wrong' || (checksum === 'none' && due)) return null;
  const text =
    checksum === 'none'
      ? bytes.toString('utf8', start, end)
      : `${bytes.toString('utf8', start, end - CHECKSUM_LENGTH)}}`;
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}

/**
 * Parses many lines by one call, which is much faster than one call a line. A line feed can't be within a JSON text of one
 * line, so with commas in their places the lines are the items of one array; checksums are overwritten with white space.
 *
 * @param bytes  lines; gets overwritten
 */
function parseBatch<T>(bytes: Buffer, offset: number, due: boolean): LineBatch<T> {
  const places = placesIn(bytes, due);
  const text = joined(bytes, places, due);
  const offsets = Float64Array.from(places.starts, (start) => offset + start);
  if (text !== null) {
    try {
      const records = JSON.parse(`[${text}]`) as T[];
      if (records.length === places.starts.length) return { records, offsets, damaged: 0 };
    } catch {
      // A line of version 1 is damaged: found below, by its own parse.
    }
  }
  const kept: number[] = [];
  const records: T[] = [];
  places.starts.forEach((start, index) => {
    const record = parseRecord<T>(bytes, start, places.ends[index]!, false);
    if (record === null) return;
    records.push(record);
    kept.push(offset + start);
  });
  const damaged = places.damaged + places.starts.length - records.length;
  return { records, offsets: Float64Array.from(kept), damaged };
}

interface LineBounds {
  readonly starts: number[];
  readonly ends: number[];
  damaged: number;
}

/** Where the records with right checksums stand. */
function placesIn(bytes: Buffer, due: boolean): LineBounds {
  const places: LineBounds = { starts: [], ends: [], damaged: 0 };
  const chunk = { bytes, latin1: '', offset: 0 };
  const parts = {
    record(start: number, end: number) {
      places.starts.push(start);
      places.ends.push(end);
    },
    damaged() {
      places.damaged++;
    },
    lineFeed() {
      places.damaged++;
    },
  };
  for (let start = 0; start < bytes.length; ) {
    const feed = bytes.indexOf(0x0a, start);
    const end = feed === -1 ? bytes.length : feed;
    recordsInLine(chunk, { start, end, due }, parts);
    start = end + 1;
  }
  return places;
}

const [SPACE, COMMA, BRACE] = [0x20, 0x2c, 0x7d];

/** The records as one text, with commas between them; `null` where lines are damaged. Overwrites checksums with spaces. */
function joined(bytes: Buffer, { ends, damaged }: LineBounds, due: boolean): string | null {
  for (let index = 0; index < ends.length; index++) {
    const end = ends[index]!;
    if (due) {
      const body = end - CHECKSUM_LENGTH;
      bytes[body] = BRACE;
      for (let at = body + 1; at < end; at++) bytes[at] = SPACE;
    }
    if (end < bytes.length) bytes[end] = COMMA;
  }
  if (damaged > 0) return null;
  const last = ends.at(-1) ?? 0;
  return bytes.toString('utf8', 0, last);
}
