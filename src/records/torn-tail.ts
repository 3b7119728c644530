import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { ratingHead } from './line.ts';
import type { SegmentKind } from './segment.ts';

const BLOCK = 1 << 16;

/**
 * Cuts off what a writer that died left at the end of a segment: a line without its line feed, or the beginning of a
 * batch of ratings. What is cut was never said to be on disk.
 *
 * @returns the segment's length now
 */
export function cutTornTail(path: string, kind: SegmentKind): number {
  const descriptor = openSync(path, 'r+');
  try {
    const size = fstatSync(descriptor).size;
    const whole = lineStart(descriptor, size);
    const end = kind === 'ratings' ? endOfLastBatch(descriptor, whole) : whole;
    if (end < size) {
      ftruncateSync(descriptor, end);
      fsyncSync(descriptor);
    }
    return end;
  } finally {
    closeSync(descriptor);
  }
}

/** Where the line that holds the byte before `end` begins: behind the last line feed before it. */
function lineStart(descriptor: number, end: number): number {
  const buffer = Buffer.allocUnsafe(BLOCK);
  for (let upper = end; upper > 0; ) {
    const lower = Math.max(0, upper - BLOCK);
    const read = readSync(descriptor, buffer, 0, upper - lower, lower);
    const at = buffer.subarray(0, read).lastIndexOf(0x0a);
    if (at !== -1) return lower + at + 1;
    upper = lower;
  }
  return 0;
}

/** @param end behind a line feed, or 0 */
function endOfLastBatch(descriptor: number, end: number): number {
  for (let upper = end; upper > 0; ) {
    const start = lineStart(descriptor, upper - 1);
    const line = Buffer.alloc(upper - 1 - start);
    readSync(descriptor, line, 0, line.length, start);
    const bytes = line.toString('latin1');
    // A damaged line is not ours to cut: it ends the search, and reading names it.
    if ((ratingHead(bytes, 0, bytes.length)?.more ?? 0) === 0) return upper;
    upper = start;
  }
  return 0;
}
