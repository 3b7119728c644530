import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, digestOfText } from '../core/index.ts';
import { type ByteSource, readBytes } from './byte-source.ts';
import { digestOfLines } from './digest-of-lines.ts';
import { COMPACTED, contentOf } from './open-segment.ts';
import { isPlainFile, isPlainFolder } from './plain-file.ts';
import { isShardName } from './shard.ts';

/** The two kinds of segments are the two folders they are in. */
export type SegmentKind = 'transcripts' | 'ratings';
export const SEGMENT_KINDS: readonly SegmentKind[] = ['transcripts', 'ratings'];

const EXTENSION = '.jsonl';
/** Behind the name of a compacted segment. No writer's name holds it. */
const PACKED = ':zst';

/** The one segment of each kind that format 1 knows: its lines have no checksums. */
const FORMAT_1 = 'main';

/** Whether each line of a segment must have a checksum. */
export function checksumsDue(name: string): boolean {
  return name !== FORMAT_1;
}

/**
 * What a segment's records replace: those of segments that sort before it. Format 1 sorts first, and what was done in parts
 * before what was done undivided: a last pass comes after its parts.
 */
export function sortName(name: string): string {
  if (name === FORMAT_1) return '';
  const writer = writerOf(name);
  // What a writer added since its segment was compacted comes behind it.
  return `${isShardName(writer) ? writer : `${writer}~~`}${writer === name ? '~' : ''}`;
}

/** A segment as the file system shows it. */
export interface Segment {
  readonly kind: SegmentKind;
  /** The writer's name; of a compacted segment with `:zst` behind it. */
  readonly name: string;
  readonly path: string;
  /** Of its lines, in bytes, also where the file is smaller because they are compacted. */
  readonly size: number;
  /** Which file it is: `device:inode`. */
  readonly inode: string;
  /** When it was modified, and when its inode was changed, in nanoseconds: `modified:changed`. Text holds all digits. */
  readonly times: string;
}

export function segmentPath(folder: string, kind: SegmentKind, name: string): string {
  const writer = writerOf(name);
  return join(folder, kind, `${writer}${EXTENSION}${writer === name ? '' : COMPACTED}`);
}

/** The name of the compacted segment of a writer. */
export function compactedName(writer: string): string {
  return `${writer}${PACKED}`;
}

/** Whose segment it is, whether compacted or not. */
export function writerOf(name: string): string {
  return name.endsWith(PACKED) ? name.slice(0, -PACKED.length) : name;
}

/**
 * All segments of a run: transcripts before ratings, in the order in which they replace each other.
 *
 * @throws RecordsError where a link, or anything else that is not a file, is in the place of one
 */
export function listSegments(folder: string): readonly Segment[] {
  return SEGMENT_KINDS.flatMap((kind) =>
    namesIn(join(folder, kind)).flatMap((name) => segmentOf(folder, kind, name) ?? []),
  );
}

function segmentOf(folder: string, kind: SegmentKind, name: string): Segment | null {
  const path = segmentPath(folder, kind, name);
  if (!isPlainFile(path) || isTakenIn(folder, kind, name)) return null;
  const { dev, ino, size, mtimeNs, ctimeNs } = lstatSync(path, { bigint: true });
  return {
    kind,
    name,
    path,
    size: writerOf(name) === name ? Number(size) : contentOf(path).bytes,
    inode: `${dev}:${ino}`,
    times: `${mtimeNs}:${ctimeNs}`,
  };
}

/**
 * Whether a plain segment is the one whose lines are compacted beside it already: a compaction was killed before it removed it.
 * Told by its digest, which is only computed where its length is the same, too.
 */
export function isTakenIn(folder: string, kind: SegmentKind, name: string): boolean {
  if (writerOf(name) !== name) return false;
  const compacted = segmentPath(folder, kind, compactedName(name));
  if (!isPlainFile(compacted)) return false;
  const { taken } = contentOf(compacted);
  const path = segmentPath(folder, kind, name);
  return taken !== null && lstatSync(path).size === taken.bytes && digestOfLines(path) === taken.digest;
}

function namesIn(folder: string): readonly string[] {
  if (!isPlainFolder(folder)) return [];
  const names = readdirSync(folder).flatMap((name) => {
    if (name.endsWith(EXTENSION)) return [name.slice(0, -EXTENSION.length)];
    const packed = `${EXTENSION}${COMPACTED}`;
    return name.endsWith(packed) ? [compactedName(name.slice(0, -packed.length))] : [];
  });
  return names.sort((a, b) => (sortName(a) < sortName(b) ? -1 : 1));
}

const FINGERPRINT_BYTES = 4096;

/** Says whether the first `length` bytes of a segment are likely still the same: a digest of where they begin and end. */
export function fingerprint(segment: ByteSource, length: number): Digest {
  const bytes = Buffer.alloc(2 * FINGERPRINT_BYTES);
  const some = Math.min(length, FINGERPRINT_BYTES);
  readBytes(segment, 0, some).copy(bytes, 0);
  readBytes(segment, length - some, some).copy(bytes, FINGERPRINT_BYTES);
  return digestOfText(bytes);
}
