import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, digestOfText, RecordsError } from '../core/index.ts';
import { systemCode } from './disk-error.ts';
import { lineNumberAt } from './scan.ts';

/** The two kinds of segments are the two folders they stand in. */
export type SegmentKind = 'transcripts' | 'ratings';
export const SEGMENT_KINDS: readonly SegmentKind[] = ['transcripts', 'ratings'];

const EXTENSION = '.jsonl';

/** A segment as the file system shows it. */
export interface Segment {
  readonly kind: SegmentKind;
  /** The writer's name. */
  readonly name: string;
  readonly path: string;
  readonly size: number;
  /** Time of last modification in nanoseconds, as text: more digits than a number holds. */
  readonly modified: string;
}

export function segmentPath(folder: string, kind: SegmentKind, name: string): string {
  return join(folder, kind, `${name}${EXTENSION}`);
}

/** All segments of a run: transcripts before ratings, by name. */
export function listSegments(folder: string): readonly Segment[] {
  return SEGMENT_KINDS.flatMap((kind) =>
    namesIn(join(folder, kind)).map((name) => {
      const path = segmentPath(folder, kind, name);
      const { size, mtimeNs } = statSync(path, { bigint: true });
      return { kind, name, path, size: Number(size), modified: String(mtimeNs) };
    }),
  );
}

function namesIn(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(EXTENSION));
    return names.map((name) => name.slice(0, -EXTENSION.length)).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

const FINGERPRINT_BYTES = 4096;

/** Says whether the first `length` bytes of a segment are likely still the same: a digest of where they begin and end. */
export function fingerprint(descriptor: number, length: number): Digest {
  const bytes = Buffer.alloc(2 * FINGERPRINT_BYTES);
  const some = Math.min(length, FINGERPRINT_BYTES);
  readSync(descriptor, bytes, 0, some, 0);
  readSync(descriptor, bytes, FINGERPRINT_BYTES, some, length - some);
  return digestOfText(bytes);
}

/** Opens a file for reading, does something with it, closes it. */
export function withFile<T>(path: string, use: (descriptor: number) => T): T {
  const descriptor = openSync(path, 'r');
  try {
    return use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** A line that is no record and is not the torn last one. Nothing is dropped or repaired behind anyone's back. */
export function damagedLine(path: string, offset: number, cause?: unknown): RecordsError {
  const line = withFile(path, (descriptor) => lineNumberAt(descriptor, offset));
  return new RecordsError('this line is damaged: it is no record of a run. Nothing was changed', {
    place: { file: path, line },
    remedy:
      `Restore the file from a copy. Or keep a copy of it and delete line ${line} (sed -i ${line}d FILE): ` +
      'the other lines are read as before, and what this one recorded is run again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
