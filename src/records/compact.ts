import { createHash } from 'node:crypto';
import { fsyncSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { RecordsError } from '../core/index.ts';
import { type ByteSource, bytesOfFile, readBytes, withFile } from './byte-source.ts';
import {
  BlockPacker,
  endOf,
  HEAD_FRAME,
  type LineBlock,
  type PackedBlock,
  tableFrame,
  UnpackedBytes,
} from './compacted-file.ts';
import { digestOfLines } from './digest-of-lines.ts';
import { diskError } from './disk-error.ts';
import { type HeldLock, lockedBy, tryLock } from './lock.ts';
import { readManifest, syncFolder } from './manifest.ts';
import { tableOf } from './open-segment.ts';
import { closing, isPlainFile, openPlainSync } from './plain-file.ts';
import { checksumsDue, compactedName, listSegments, type Segment, segmentPath, writerOf } from './segment.ts';
import { mendTornEnd } from './torn-tail.ts';

/** One segment that was compacted. */
interface CompactedSegment {
  readonly file: string;
  /** Of its lines that were plain until now, and of the compacted file in all, in bytes. */
  readonly plain: number;
  readonly compacted: number;
}

/**
 * Compacts the segments of a run: their lines go, byte for byte, into blocks of zstd, from which every reader reads them as
 * before. What is added later goes to plain segments beside them, until the next compaction.
 *
 * Each segment is replaced by itself: the compacted file is written beside it, read back, flushed and renamed, and only then is the
 * plain file removed. Killed in between, the run holds one complete copy; where both are there, the plain one is passed over,
 * and the next owner of its role removes it.
 *
 * @param onSegment told of each that is done
 * @throws RecordsError where somebody writes to the run, or it cannot be written to
 */
export async function compactRun(
  folder: string,
  onSegment: (done: CompactedSegment) => void = () => {},
): Promise<void> {
  readManifest(folder);
  const segments = listSegments(folder).filter(({ name }) => writerOf(name) === name && checksumsDue(name));
  const locks: HeldLock[] = [];
  try {
    for (const name of new Set(segments.map((segment) => segment.name))) {
      const lock = tryLock(folder, name);
      if (lock === null) throw lockedBy(folder, name, 'writing to this run');
      locks.push(lock);
    }
    for (const segment of segments) {
      const done = await compactSegment(folder, segment);
      if (done !== null) onSegment(done);
    }
  } catch (error) {
    throw error instanceof RecordsError ? error : diskError(error, folder);
  } finally {
    for (const lock of locks) lock.release();
  }
}

async function compactSegment(
  folder: string,
  { kind, name, path }: Segment,
): Promise<CompactedSegment | null> {
  const plain = mendTornEnd(path, kind);
  if (plain === 0) return null;
  const target = segmentPath(folder, kind, compactedName(name));
  const draft = `${target}.draft`;
  rmSync(draft, { force: true });
  try {
    const compacted = writeDraft({ path, plain, target, draft });
    requireSame(draft, path, plain);
    renameSync(draft, target);
    await syncFolder(join(folder, kind));
    rmSync(path);
    await syncFolder(join(folder, kind));
    return { file: target, plain, compacted };
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

interface DraftFiles {
  readonly path: string;
  /** Bytes of the plain file. */
  readonly plain: number;
  readonly target: string;
  readonly draft: string;
}

/** Writes the blocks that are there already, those of the plain file, and the table. @returns its length */
function writeDraft({ path, plain, target, draft }: DraftFiles): number {
  using file = closing(openPlainSync(draft, 'append'));
  let offset = 0;
  const write = (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; ) at += writeSync(file.descriptor, bytes, at);
    offset += bytes.length;
  };
  const blocks: LineBlock[] = [];
  const put = ({ frame, block }: PackedBlock) => {
    blocks.push({ ...block, offset: offset + frame.length - block.packed });
    write(frame);
  };
  if (isPlainFile(target)) for (const old of blocksIn(target)) put(old);
  const packer = new BlockPacker(blocks);
  withFile(path, (bytes) => {
    for (const portion of portionsOf(bytes, 0, plain)) for (const block of packer.add(portion)) put(block);
    for (const block of packer.end()) put(block);
  });
  write(tableFrame(blocks, { bytes: plain, digest: digestOfLines(path) }));
  fsyncSync(file.descriptor);
  return offset;
}

/** The blocks of a compacted file as they are, damaged ones too. */
function* blocksIn(path: string): Generator<PackedBlock> {
  using file = closing(openPlainSync(path, 'read'));
  const bytes = bytesOfFile(file.descriptor);
  for (const block of tableOf(file.descriptor).blocks)
    yield { block, frame: readBytes(bytes, block.offset - HEAD_FRAME, HEAD_FRAME + block.packed) };
}

/** @throws RecordsError where the lines that were packed last do not read back as they were */
function requireSame(draft: string, path: string, plain: number): void {
  using file = closing(openPlainSync(draft, 'read'));
  const { blocks } = tableOf(file.descriptor);
  const lines = new UnpackedBytes(bytesOfFile(file.descriptor), blocks);
  const hash = createHash('sha256');
  for (const portion of portionsOf(lines, endOf(blocks) - plain, plain)) hash.update(portion);
  if (hash.digest('hex').slice(0, 32) === digestOfLines(path)) return;
  throw new RecordsError('the compacted lines do not read back as they were; nothing was changed', {
    place: { file: path },
    remedy: 'The disk or the memory of this machine may be faulty. Copy the run to another machine.',
  });
}

const PORTION = 1 << 20;

function* portionsOf(bytes: ByteSource, from: number, length: number): Generator<Buffer> {
  for (let at = 0; at < length; ) {
    const portion = readBytes(bytes, from + at, Math.min(PORTION, length - at));
    if (portion.length === 0) return;
    yield portion;
    at += portion.length;
  }
}
