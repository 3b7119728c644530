import { fstatSync, fsyncSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { checksumOf } from './checksum.ts';
import { ratingHead } from './line.ts';
import { closing, openPlainSync } from './plain-file.ts';
import { recordsInTail } from './records-in-line.ts';
import type { SegmentKind } from './segment.ts';

const BLOCK = 1 << 16;

/**
 * Mends the end of a segment that a writer left which died: cuts off a line without its line feed, or the beginning of a
 * batch of ratings. What is cut was never said to be on disk. A last record that is whole but whose line feed is damaged
 * gets its line feed back.
 *
 * @returns the segment's length now
 */
export function mendTornEnd(path: string, kind: SegmentKind | 'samples'): number {
  using file = closing(openPlainSync(path, 'update'));
  const { descriptor } = file;
  const { size } = fstatSync(descriptor);
  const whole = lineStart(descriptor, size);
  const lines = endOfTail(descriptor, whole, size);
  const end = kind === 'ratings' && lines === whole ? endOfLastBatch(descriptor, whole) : lines;
  if (end === size && lines === whole) return end;
  ftruncateSync(descriptor, end);
  if (lines > whole) writeSync(descriptor, '\n', end - 1);
  fsyncSync(descriptor);
  return end;
}

/** Where the records end that are behind the last line feed, their damaged line feeds included; `start` for none. */
function endOfTail(descriptor: number, start: number, size: number): number {
  const bytes = Buffer.alloc(size - start);
  readSync(descriptor, bytes, 0, bytes.length, start);
  const chunk = { bytes, latin1: '', offset: start };
  return start + recordsInTail(chunk, { start: 0, end: bytes.length }, NOBODY);
}

const NOBODY = { record() {}, damaged() {}, lineFeed() {} };

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
    // A damaged line is not ours to cut: it ends the search, and reading names it.
    if (checksumOf(line, 0, line.length) !== 'right') return upper;
    if ((ratingHead(line.toString('latin1'), 0, line.length)?.more ?? 0) === 0) return upper;
    upper = start;
  }
  return 0;
}
