import { constants } from 'node:buffer';
import type { ByteSource } from './byte-source.ts';

/** Larger ones make texts so large that the garbage collector marks the whole heap each time the index is brought up to date. */
const CHUNK = 1 << 18;

/** A part of a file: complete lines, and at the end of the file what has no line feed. */
export interface Chunk {
  readonly bytes: Buffer;
  /** The same bytes decoded as Latin-1: one character a byte, so that positions are the same. */
  readonly latin1: string;
  /** Where in the file it begins. */
  readonly offset: number;
}

/**
 * Visits the lines of a file from an offset on, in order.
 *
 * @param from   offset of a line's first byte
 * @param visit  gets the chunk, and where in it a line is, without its line feed; `whole` is false for what follows the last line feed
 * @param longest a line of more bytes is longer than a text can be: `visit` gets its beginning alone, which is not a record
 * @returns the offset behind the last line feed: from here on there is no complete line
 */
export function scanLines(
  source: ByteSource,
  from: number,
  visit: (chunk: Chunk, start: number, end: number, whole: boolean) => void,
  longest = constants.MAX_STRING_LENGTH,
): number {
  let buffer = Buffer.allocUnsafe(CHUNK);
  let kept = 0;
  let offset = from;
  for (;;) {
    const read = source.read(buffer, kept, buffer.length - kept, offset + kept);
    const filled = kept + read;
    if (read === 0) {
      if (filled > 0) visit(chunkOf(buffer, filled, offset), 0, filled, false);
      return offset;
    }
    const complete = buffer.lastIndexOf(0x0a, filled - 1) + 1;
    if (complete > 0) {
      const chunk = chunkOf(buffer, complete, offset);
      for (let start = 0; start < complete; ) {
        const end = chunk.latin1.indexOf('\n', start);
        visit(chunk, start, end, true);
        start = end + 1;
      }
      buffer.copy(buffer, 0, complete, filled);
      offset += complete;
    }
    kept = filled - complete;
    if (kept < buffer.length) continue;
    // A line longer than the buffer: a larger buffer, up to the longest text.
    if (kept < longest) {
      buffer = Buffer.concat([buffer], Math.min(buffer.length * 2, longest));
      continue;
    }
    const beginning = Buffer.from(buffer.subarray(0, CHUNK));
    const end = endOfLine(source, offset + kept);
    visit(chunkOf(beginning, beginning.length, offset), 0, beginning.length, end !== null);
    if (end === null) return offset;
    buffer = Buffer.allocUnsafe(CHUNK);
    kept = 0;
    offset = end;
  }
}

/** The offset behind the next line feed; `null` where none follows. */
function endOfLine(source: ByteSource, from: number): number | null {
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (let offset = from; ; ) {
    const read = source.read(buffer, 0, buffer.length, offset);
    if (read === 0) return null;
    const found = buffer.subarray(0, read).indexOf(0x0a);
    if (found !== -1) return offset + found + 1;
    offset += read;
  }
}

function chunkOf(buffer: Buffer, length: number, offset: number): Chunk {
  return { bytes: buffer.subarray(0, length), latin1: buffer.toString('latin1', 0, length), offset };
}
