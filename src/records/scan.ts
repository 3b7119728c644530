import { readSync } from 'node:fs';

const CHUNK = 1 << 20;

/**
 * Visits the complete lines of an open file from an offset on, in order.
 *
 * @param from   offset of a line's first byte
 * @param visit  gets bytes decoded as Latin-1 (one character a byte), where in them the line stands, without its line
 *               feed, and the line's offset in the file
 * @returns the offset behind the last line feed: from here on there is no complete line
 */
export function scanLines(
  descriptor: number,
  from: number,
  visit: (bytes: string, start: number, end: number, offset: number) => void,
): number {
  let buffer = Buffer.allocUnsafe(CHUNK);
  let kept = 0;
  let offset = from;
  for (;;) {
    const read = readSync(descriptor, buffer, kept, buffer.length - kept, offset + kept);
    if (read === 0) return offset;
    const filled = kept + read;
    const complete = buffer.lastIndexOf(0x0a, filled - 1) + 1;
    if (complete > 0) {
      const bytes = buffer.toString('latin1', 0, complete);
      for (let start = 0; start < complete; ) {
        const end = bytes.indexOf('\n', start);
        visit(bytes, start, end, offset + start);
        start = end + 1;
      }
      buffer.copy(buffer, 0, complete, filled);
      offset += complete;
    }
    kept = filled - complete;
    // A line longer than the buffer: a larger buffer, as long as it takes.
    if (kept === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
  }
}

/** Which line of a file, counted from 1, begins at an offset: for messages. */
export function lineNumberAt(descriptor: number, offset: number): number {
  const buffer = Buffer.allocUnsafe(CHUNK);
  let line = 1;
  for (let position = 0; position < offset; ) {
    const read = readSync(descriptor, buffer, 0, Math.min(CHUNK, offset - position), position);
    if (read === 0) break;
    for (let at = buffer.indexOf(0x0a); at !== -1 && at < read; at = buffer.indexOf(0x0a, at + 1)) line++;
    position += read;
  }
  return line;
}
