import { type FileHandle, open } from 'node:fs/promises';
import { damagedLine } from './segment.ts';

const BLOCK = 1 << 20;

/** Where the wanted lines of one segment stand: parallel arrays, in the order of the file. */
export interface LinePlaces {
  readonly path: string;
  readonly offsets: readonly number[] | Float64Array;
  readonly lengths: readonly number[] | Float64Array;
}

/** Parses one line of a segment. @throws RecordsError naming file and line when it is damaged */
export async function readLineAt<T>(path: string, offset: number, length: number): Promise<T> {
  await using file = await open(path, 'r');
  const bytes = await readBytes(file, offset, length);
  return parseAt(bytes.toString('utf8'), path, offset);
}

/**
 * Parses given lines of a segment, reading those that stand close together at once.
 *
 * @throws RecordsError naming file and line of a damaged one
 */
export async function* readLinesAt<T>({ path, offsets, lengths }: LinePlaces): AsyncGenerator<T> {
  await using file = await open(path, 'r');
  for (let next = 0; next < offsets.length; ) {
    const from = offsets[next]!;
    let last = next;
    while (last + 1 < offsets.length && offsets[last + 1]! + lengths[last + 1]! - from <= BLOCK) last++;
    const bytes = await readBytes(file, from, offsets[last]! + lengths[last]! - from);
    for (; next <= last; next++) {
      const start = offsets[next]! - from;
      yield parseAt<T>(bytes.toString('utf8', start, start + lengths[next]!), path, offsets[next]!);
    }
  }
}

/** The lines of a segment up to an offset, parsed, in batches; each with its offset in the file. */
export async function* readBatches<T>(
  path: string,
  until: number,
): AsyncGenerator<{ records: T[]; offsets: Float64Array }> {
  await using file = await open(path, 'r');
  for (let offset = 0, size = BLOCK; offset < until; ) {
    const bytes = await readBytes(file, offset, Math.min(size, until - offset));
    const complete = bytes.lastIndexOf(0x0a) + 1;
    if (complete === 0) {
      // A line longer than a block, or a file that has become shorter since it was indexed.
      if (bytes.length < size) return;
      size *= 2;
      continue;
    }
    yield parseBatch<T>(bytes.subarray(0, complete), path, offset);
    offset += complete;
    size = BLOCK;
  }
}

/** Reads up to `length` bytes; fewer only where the file ends. */
async function readBytes(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

function parseAt<T>(text: string, path: string, offset: number): T {
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw damagedLine(path, offset, error);
  }
}

/**
 * Parses many lines by one call, which is a good deal faster than one call a line: a line feed can't stand within a
 * JSON text of one line, so with commas in their places the lines are one array.
 *
 * @param bytes  complete lines; gets overwritten
 */
function parseBatch<T>(bytes: Buffer, path: string, offset: number): { records: T[]; offsets: Float64Array } {
  const starts: number[] = [];
  for (let start = 0; start < bytes.length; ) {
    starts.push(start);
    const end = bytes.indexOf(0x0a, start);
    bytes[end] = 0x2c;
    start = end + 1;
  }
  const offsets = Float64Array.from(starts, (start) => offset + start);
  const lineAt = (index: number) => {
    const end = (starts[index + 1] ?? bytes.length) - 1;
    return parseAt<T>(bytes.toString('utf8', starts[index], end), path, offsets[index]!);
  };
  try {
    const records = JSON.parse(`[${bytes.toString('utf8', 0, bytes.length - 1)}]`) as T[];
    if (records.length === starts.length) return { records, offsets };
  } catch {
    // One of the lines is damaged: found below, by its own parse.
  }
  return { records: starts.map((_, index) => lineAt(index)), offsets };
}
