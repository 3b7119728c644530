import { checksumOf, firstRecordEnd } from './checksum.ts';
import type { Chunk } from './scan.ts';

/** What becomes of the bytes of a line. Positions are within the chunk, `end` excluded. */
interface LineParts {
  /** Bytes whose checksum is right, or that have none where none is due. */
  record(start: number, end: number): void;
  /** Bytes that are not a record any more. */
  damaged(start: number, end: number): void;
  /** A line feed that is damaged, behind a record that is whole. */
  lineFeed(): void;
}

/**
 * Finds the records in a line of a segment. A sound line is one record. A line whose checksum is wrong or missing is damaged;
 * but where a damaged line feed has joined records that are whole, each of them is found by its checksum.
 *
 * @param due  whether a line must have a checksum: since format 2 each has one
 */
export function recordsInLine(
  { bytes }: Chunk,
  { start, end, due }: { readonly start: number; readonly end: number; readonly due: boolean },
  parts: LineParts,
): void {
  const found = checksumOf(bytes, start, end);
  if (found === 'right' || (found === 'none' && !due)) {
    parts.record(start, end);
    return;
  }
  for (let next = start; next < end; ) {
    const recordEnd = firstRecordEnd(bytes, next, end);
    if (recordEnd === -1) {
      parts.damaged(next, end);
      return;
    }
    parts.record(next, recordEnd);
    if (recordEnd < end) parts.lineFeed();
    next = recordEnd + 1;
  }
  if (start === end) parts.damaged(start, end);
}

/**
 * The same for what follows the last line feed of a segment. A writer that died leaves part of a record there, which is not
 * damage. A whole record with one more byte behind it lost its line feed to damage, and counts.
 *
 * @returns where the torn part begins; `end` for none
 */
export function recordsInTail(
  { bytes }: Chunk,
  { start, end }: { readonly start: number; readonly end: number },
  parts: LineParts,
): number {
  for (let next = start; next < end; ) {
    const recordEnd = firstRecordEnd(bytes, next, end);
    if (recordEnd === -1 || recordEnd === end) return next;
    parts.record(next, recordEnd);
    parts.lineFeed();
    next = recordEnd + 1;
  }
  return end;
}
