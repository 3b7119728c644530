import { crc32, constants as zlib, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { type ByteSource, readBytes } from './byte-source.ts';

/*
 * A compacted segment, `<writer>.jsonl.zst`: the lines of a segment, byte for byte, in blocks. It is a plain stream of zstd, so
 * `zstd -dc` gives the lines back. All numbers are little-endian.
 *
 *   for each block:  a skippable frame (magic 0x184D2A50, u32 length 36):
 *                      'stmB', u64 position of its first byte among the lines, u64 number of its first line (from 0),
 *                      u32 bytes, u32 lines, u32 bytes of the zstd frame, u32 CRC-32 of these 32 bytes
 *                    a zstd frame with a checksum
 *   at the end:      a skippable frame (magic 0x184D2A51) with the heads of all blocks (without 'stmB' and CRC-32), and
 *                      u64 bytes and 16 bytes of a digest of the plain file that was taken in last,
 *                      u32 number of blocks, u32 CRC-32 of all this, 'stmT'
 *
 * A block holds whole lines, so a damaged one costs its own lines alone. Where the table at the end is damaged, the heads say the
 * same, and where a head is damaged, the table does.
 */

/** Bytes of lines in a block: one lookup unpacks a block. */
const BLOCK = 256 << 10;
/** What a block of one line may unpack to: as long as a text can be. */
const LARGEST = 512 << 20;

const FRAME = 8;
const HEAD_MAGIC = 0x184d2a50;
const TABLE_MAGIC = 0x184d2a51;
const HEAD_MARK = Buffer.from('stmB');
const TABLE_MARK = 'stmT';
const PLACE = 28;
const HEAD = 4 + PLACE + 4;
/** Bytes before the zstd frame of a block. */
export const HEAD_FRAME = FRAME + HEAD;
const DIGEST = 16;
const TABLE_END = 8 + DIGEST + 4 + 4 + 4;

/** Where a block is, among the lines and in the file. */
export interface LineBlock {
  /** Of its first byte, among the bytes of the lines. */
  readonly position: number;
  /** Of its first line, from 0. */
  readonly line: number;
  readonly bytes: number;
  readonly lines: number;
  /** Of its zstd frame in the file. */
  readonly offset: number;
  readonly packed: number;
}

/** A block as it goes into a file: `frame` is its head and its zstd frame. */
export interface PackedBlock {
  readonly block: Omit<LineBlock, 'offset'>;
  readonly frame: Buffer;
}

/** The plain file whose lines were taken in last: where it is still there, it was not removed yet. */
interface Taken {
  readonly bytes: number;
  /** 32 hexadecimal digits. */
  readonly digest: string;
}

export interface BlockTable {
  readonly blocks: readonly LineBlock[];
  readonly taken: Taken;
}

/** Cuts lines into blocks, and packs each. Feed it in any portions, in order. */
export class BlockPacker {
  #position: number;
  #line: number;
  #rest = Buffer.alloc(0);

  /** @param blocks that the file holds already */
  constructor(blocks: readonly LineBlock[]) {
    this.#position = endOf(blocks);
    this.#line = linesOf(blocks);
  }

  /** The blocks that are full now. */
  *add(bytes: Buffer): Generator<PackedBlock> {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= BLOCK) {
      const whole = this.#rest.lastIndexOf(0x0a, BLOCK - 1) + 1 || this.#rest.indexOf(0x0a, BLOCK) + 1;
      if (whole === 0) return;
      yield this.#pack(this.#rest.subarray(0, whole));
      this.#rest = Buffer.from(this.#rest.subarray(whole));
    }
  }

  /** The last block; its last line may lack its line feed. */
  *end(): Generator<PackedBlock> {
    if (this.#rest.length > 0) yield this.#pack(this.#rest);
    this.#rest = Buffer.alloc(0);
  }

  #pack(bytes: Buffer): PackedBlock {
    const packed = zstdCompressSync(bytes, { params: { [zlib.ZSTD_c_checksumFlag]: 1 } });
    const head = Buffer.alloc(FRAME + HEAD);
    const lines = countOf(bytes, 0x0a);
    const block = {
      position: this.#position,
      line: this.#line,
      bytes: bytes.length,
      lines,
      packed: packed.length,
    };
    head.writeUInt32LE(HEAD_MAGIC, 0);
    head.writeUInt32LE(HEAD, 4);
    HEAD_MARK.copy(head, FRAME);
    writePlace(head, FRAME + 4, block);
    head.writeUInt32LE(crc32(head.subarray(FRAME, FRAME + 4 + PLACE)), FRAME + 4 + PLACE);
    this.#position += bytes.length;
    this.#line += lines;
    return { block, frame: Buffer.concat([head, packed]) };
  }
}

/** The table that ends a compacted file. */
export function tableFrame(blocks: readonly LineBlock[], taken: Taken): Buffer {
  const content = Buffer.alloc(blocks.length * PLACE + TABLE_END);
  for (const [index, block] of blocks.entries()) writePlace(content, index * PLACE, block);
  let at = blocks.length * PLACE;
  content.writeBigUInt64LE(BigInt(taken.bytes), at);
  content.write(taken.digest, at + 8, 'hex');
  at += 8 + DIGEST;
  content.writeUInt32LE(blocks.length, at);
  content.writeUInt32LE(crc32(content.subarray(0, at + 4)), at + 4);
  content.write(TABLE_MARK, at + 8, 'latin1');
  const frame = Buffer.alloc(FRAME);
  frame.writeUInt32LE(TABLE_MAGIC, 0);
  frame.writeUInt32LE(content.length, 4);
  return Buffer.concat([frame, content]);
}

/** The table of a compacted file; `null` where it is damaged or missing. @param size of the file */
export function readTable(file: ByteSource, size: number): BlockTable | null {
  const end = readBytes(file, Math.max(0, size - TABLE_END), Math.min(size, TABLE_END));
  if (end.length < TABLE_END || end.toString('latin1', TABLE_END - 4) !== TABLE_MARK) return null;
  const count = end.readUInt32LE(8 + DIGEST);
  const length = count * PLACE + TABLE_END;
  const start = size - length - FRAME;
  if (start < 0) return null;
  const frame = readBytes(file, start, FRAME + length);
  const content = frame.subarray(FRAME);
  const isWhole =
    content.length === length &&
    frame.readUInt32LE(0) === TABLE_MAGIC &&
    frame.readUInt32LE(4) === length &&
    content.readUInt32LE(length - 8) === crc32(content.subarray(0, length - 8));
  if (!isWhole) return null;
  const blocks: LineBlock[] = [];
  let reached = 0;
  for (let index = 0, offset = 0; index < count; index++) {
    const place = readPlace(content, index * PLACE);
    offset += FRAME + HEAD;
    blocks.push({ ...place, offset });
    offset += place.packed;
    if (place.position < reached || place.bytes > LARGEST || offset > start) return null;
    reached = place.position + place.bytes;
  }
  const taken = { bytes: Number(end.readBigUInt64LE(0)), digest: end.toString('hex', 8, 8 + DIGEST) };
  return { blocks, taken };
}

/** The blocks of a file whose table is damaged, by their own heads. What is between two of them is a block that was lost. */
export function findBlocks(file: ByteSource, size: number): LineBlock[] {
  const blocks: LineBlock[] = [];
  for (let from = 0; from < size; from += WINDOW) {
    // A head may begin in this window and end in the next one.
    const bytes = readBytes(file, from, Math.min(size - from, WINDOW + HEAD));
    for (let at = bytes.indexOf(HEAD_MARK); at !== -1 && at < WINDOW; at = bytes.indexOf(HEAD_MARK, at + 1)) {
      const end = at + HEAD;
      if (end > bytes.length || bytes.readUInt32LE(end - 4) !== crc32(bytes.subarray(at, end - 4))) continue;
      const place = readPlace(bytes, at + 4);
      if (place.bytes <= LARGEST && place.position >= endOf(blocks))
        blocks.push({ ...place, offset: from + end });
    }
  }
  return blocks;
}

const WINDOW = 8 << 20;

/** The bytes of lines up to the end of the last block. */
export function endOf(blocks: readonly LineBlock[]): number {
  const last = blocks.at(-1);
  return last === undefined ? 0 : last.position + last.bytes;
}

function linesOf(blocks: readonly LineBlock[]): number {
  const last = blocks.at(-1);
  return last === undefined ? 0 : last.line + last.lines;
}

/** Blocks that are unpacked at a time: those of a few readers that go through a segment in order. */
const KEPT = 4;

/** The lines of a compacted file, by their position. Bytes of a damaged block read as empty lines, as many as it had. */
export class UnpackedBytes implements ByteSource {
  readonly #file: ByteSource;
  readonly #blocks: readonly LineBlock[];
  readonly #kept = new Map<number, Buffer>();

  constructor(file: ByteSource, blocks: readonly LineBlock[]) {
    this.#file = file;
    this.#blocks = blocks;
  }

  read(into: Buffer, at: number, length: number, position: number): number {
    if (position >= endOf(this.#blocks)) return 0;
    const number = this.#numberAt(position);
    const block = this.#blocks[number];
    if (block === undefined || position >= block.position + block.bytes) {
      // A block whose head was lost, too: what is known is where the next one begins.
      const next = this.#blocks[number + 1]!.position;
      const filled = Math.min(length, next - position);
      into.fill(0, at, at + filled);
      if (position + filled === next) into[at + filled - 1] = 0x0a;
      return filled;
    }
    const bytes = this.#unpacked(number);
    return bytes.copy(into, at, position - block.position, position - block.position + length);
  }

  /** The last block that begins at or before a position; -1 for none. */
  #numberAt(position: number): number {
    let [low, high] = [-1, this.#blocks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#blocks[middle]!.position <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #unpacked(number: number): Buffer {
    const known = this.#kept.get(number);
    if (known !== undefined) return known;
    const block = this.#blocks[number]!;
    const bytes = unpack(readBytes(this.#file, block.offset, block.packed), block) ?? lostLines(block);
    if (this.#kept.size >= KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    this.#kept.set(number, bytes);
    return bytes;
  }
}

function unpack(packed: Buffer, { bytes }: LineBlock): Buffer | null {
  try {
    const unpacked = zstdDecompressSync(packed, { maxOutputLength: Math.max(1, bytes) });
    return unpacked.length === bytes ? unpacked : null;
  } catch {
    return null;
  }
}

/** As many lines as a block had, none of which is a record. */
function lostLines({ bytes, lines }: LineBlock): Buffer {
  const lost = Buffer.alloc(bytes);
  lost.fill(0x0a, bytes - Math.min(lines, bytes));
  return lost;
}

function writePlace(into: Buffer, at: number, block: Omit<LineBlock, 'offset'>): void {
  into.writeBigUInt64LE(BigInt(block.position), at);
  into.writeBigUInt64LE(BigInt(block.line), at + 8);
  into.writeUInt32LE(block.bytes, at + 16);
  into.writeUInt32LE(block.lines, at + 20);
  into.writeUInt32LE(block.packed, at + 24);
}

function readPlace(from: Buffer, at: number): Omit<LineBlock, 'offset'> {
  return {
    position: Number(from.readBigUInt64LE(at)),
    line: Number(from.readBigUInt64LE(at + 8)),
    bytes: from.readUInt32LE(at + 16),
    lines: from.readUInt32LE(at + 20),
    packed: from.readUInt32LE(at + 24),
  };
}

function countOf(bytes: Buffer, byte: number): number {
  let count = 0;
  for (let at = bytes.indexOf(byte); at !== -1; at = bytes.indexOf(byte, at + 1)) count++;
  return count;
}
