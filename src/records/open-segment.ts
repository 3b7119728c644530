import { fstatSync } from 'node:fs';
import { RecordsError } from '../core/index.ts';
import { type ByteSource, bytesOfFile, readBytes } from './byte-source.ts';
import { type BlockTable, endOf, findBlocks, readTable, UnpackedBytes } from './compacted-file.ts';
import { systemCode } from './disk-error.ts';
import { closing, openPlain, openPlainSync } from './plain-file.ts';

/** The extension of a compacted segment, behind that of a plain one. */
export const COMPACTED = '.zst';

function isCompacted(path: string): boolean {
  return path.endsWith(COMPACTED);
}

/** Opens a segment for reading, does something with the bytes of its lines, closes it. */
export function withSegment<T>(path: string, use: (bytes: ByteSource) => T): T {
  using file = closing(openPlainSync(path, 'read'));
  return use(linesOf(path, file.descriptor));
}

/** A segment to read from at any place, without holding the process up where its file is plain. */
interface OpenSegment extends AsyncDisposable {
  /** Fewer bytes only where the lines end. */
  read(position: number, length: number): Promise<Buffer>;
}

/** @throws RecordsError where it is not there any more */
export async function openSegment(path: string): Promise<OpenSegment> {
  const file = await openPlain(path, 'read').catch((error) => {
    throw systemCode(error) === 'ENOENT' ? goneSegment(path) : error;
  });
  if (isCompacted(path)) {
    const lines = linesOf(path, file.fd);
    return {
      read: async (position, length) => readBytes(lines, position, length),
      [Symbol.asyncDispose]: () => file.close(),
    };
  }
  return {
    async read(position, length) {
      const bytes = Buffer.allocUnsafe(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

/** What `openSegment` throws where a reader knew a segment that was compacted since. */
class GoneSegment extends RecordsError {}

function goneSegment(path: string): GoneSegment {
  return new GoneSegment('this segment was compacted, or removed, since the run was opened', {
    place: { file: path },
    remedy: 'Give the command again.',
  });
}

export function isGone(error: unknown): boolean {
  return error instanceof GoneSegment;
}

/** How many bytes the lines of a compacted file have, and what was taken into it last. */
export function contentOf(path: string): {
  readonly bytes: number;
  readonly taken: BlockTable['taken'] | null;
} {
  using file = closing(openPlainSync(path, 'read'));
  const { blocks, taken } = tableOf(file.descriptor);
  return { bytes: endOf(blocks), taken };
}

/** The blocks of a compacted file, as far as they can be found; `taken` is `null` where the table is damaged. */
export function tableOf(descriptor: number): Pick<BlockTable, 'blocks'> & {
  readonly taken: BlockTable['taken'] | null;
} {
  const { dev, ino, size, mtimeNs, ctimeNs } = fstatSync(descriptor, { bigint: true });
  const which = [dev, ino, size, mtimeNs, ctimeNs].join(':');
  const known = tables.get(which);
  if (known !== undefined) return known;
  const file = bytesOfFile(descriptor);
  const table = readTable(file, Number(size)) ?? { blocks: findBlocks(file, Number(size)), taken: null };
  if (tables.size >= MOST_TABLES) tables.clear();
  tables.set(which, table);
  return table;
}

/** Tables of files that are looked at again and again. */
const tables = new Map<string, ReturnType<typeof tableOf>>();
const MOST_TABLES = 256;

function linesOf(path: string, descriptor: number): ByteSource {
  const file = bytesOfFile(descriptor);
  return isCompacted(path) ? new UnpackedBytes(file, tableOf(descriptor).blocks) : file;
}
