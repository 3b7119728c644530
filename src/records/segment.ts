import { lstatSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, digestOfText } from '../core/index.ts';
import { closing, isPlainFile, isPlainFolder, openPlainSync } from './plain-file.ts';
import { isShardName } from './shard.ts';

/** The two kinds of segments are the two folders they are in. */
export type SegmentKind = 'transcripts' | 'ratings';
export const SEGMENT_KINDS: readonly SegmentKind[] = ['transcripts', 'ratings'];

const EXTENSION = '.jsonl';

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
  return isShardName(name) ? name : `${name}~~`;
}

/** A segment as the file system shows it. */
export interface Segment {
  readonly kind: SegmentKind;
  /** The writer's name. */
  readonly name: string;
  readonly path: string;
  readonly size: number;
  /** Which file it is: `device:inode`. */
  readonly inode: string;
  /** When it was modified, and when its inode was changed, in nanoseconds: `modified:changed`. Text holds all digits. */
  readonly times: string;
}

export function segmentPath(folder: string, kind: SegmentKind, name: string): string {
  return join(folder, kind, `${name}${EXTENSION}`);
}

/**
 * All segments of a run: transcripts before ratings, in the order in which they replace each other.
 *
 * @throws RecordsError where a link, or anything else that is not a file, is in the place of one
 */
export function listSegments(folder: string): readonly Segment[] {
  return SEGMENT_KINDS.flatMap((kind) =>
    namesIn(join(folder, kind)).map((name) => {
      const path = segmentPath(folder, kind, name);
      isPlainFile(path);
      const { dev, ino, size, mtimeNs, ctimeNs } = lstatSync(path, { bigint: true });
      return {
        kind,
        name,
        path,
        size: Number(size),
        inode: `${dev}:${ino}`,
        times: `${mtimeNs}:${ctimeNs}`,
      };
    }),
  );
}

function namesIn(folder: string): readonly string[] {
  if (!isPlainFolder(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(EXTENSION));
  return names
    .map((name) => name.slice(0, -EXTENSION.length))
    .sort((a, b) => (sortName(a) < sortName(b) ? -1 : 1));
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

/** Opens a segment for reading, does something with it, closes it. */
export function withFile<T>(path: string, use: (descriptor: number) => T): T {
  using file = closing(openPlainSync(path, 'read'));
  return use(file.descriptor);
}
