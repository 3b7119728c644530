import { type FileHandle, open } from 'node:fs/promises';
import { crc32, deflateRawSync, zstdCompressSync } from 'node:zlib';

const METHODS = { stored: 0, deflate: 8, zstd: 93 } as const;

/** Numbers from here on are in a zip64 field. */
const LIMIT32 = 0xffffffff;
const LIMIT16 = 0xffff;
/** 1 January 1980, the first date there is: the same records give the same bytes. */
const DATE = 0x21;
const BLOCK = 1 << 20;
/** Names are UTF-8. */
const FLAGS = 0x0800;

/**
 * Writes a zip archive, a member at a time: no data descriptors and no comment, because Inspect's viewer reads neither; zip64
 * where it is needed.
 *
 * @see APPNOTE.TXT (PKWARE), sections 4.3 and 4.5.3
 */
export class ZipWriter {
  readonly #handle: FileHandle;
  readonly #directory: Buffer[] = [];
  /** What is to be written next; small members go to disk together. */
  #waiting: Buffer[] = [];
  #waitingLength = 0;
  #offset = 0;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** @throws when the file is there already */
  static async create(file: string): Promise<ZipWriter> {
    return new ZipWriter(await open(file, 'wx'));
  }

  async add(
    name: string,
    content: string | Uint8Array,
    method: keyof typeof METHODS = 'deflate',
  ): Promise<void> {
    const bytes = Buffer.from(content);
    const packed =
      method === 'stored' ? bytes : method === 'deflate' ? deflateRawSync(bytes) : zstdCompressSync(bytes);
    const label = Buffer.from(name);
    // Version needed, flags, method, time, date, checksum, both sizes, length of the name.
    const common = Buffer.alloc(24);
    const long = this.#offset >= LIMIT32;
    common.writeUInt16LE(long ? 45 : 20, 0);
    common.writeUInt16LE(FLAGS, 2);
    common.writeUInt16LE(METHODS[method], 4);
    common.writeUInt16LE(DATE, 8);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(label.length, 22);
    const rest = Buffer.alloc(16);
    rest.writeUInt16LE(long ? 12 : 0, 0);
    rest.writeUInt32LE(long ? LIMIT32 : this.#offset, 12);
    const extra = long ? zip64Field(this.#offset) : Buffer.alloc(0);
    this.#directory.push(Buffer.concat([signature(0x02014b50), shorts(45), common, rest, label, extra]));
    await this.#write(signature(0x04034b50), common, Buffer.alloc(2), label, packed);
  }

  /** Writes the directory and closes the file. */
  async close(): Promise<void> {
    const start = this.#offset;
    const count = this.#directory.length;
    const directory = Buffer.concat(this.#directory);
    const long = start >= LIMIT32 || count >= LIMIT16;
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(long ? LIMIT16 : count, 8);
    end.writeUInt16LE(long ? LIMIT16 : count, 10);
    end.writeUInt32LE(directory.length, 12);
    end.writeUInt32LE(long ? LIMIT32 : start, 16);
    await this.#write(directory, ...(long ? [end64(start, directory.length, count)] : []), end);
    await this.#flush();
    await this.#handle.close();
  }

  /** Closes the file as it is; it is not a whole archive. */
  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => {});
  }

  async #write(...parts: readonly Buffer[]): Promise<void> {
    for (const part of parts) {
      this.#waiting.push(part);
      this.#waitingLength += part.length;
      this.#offset += part.length;
    }
    if (this.#waitingLength >= BLOCK) await this.#flush();
  }

  async #flush(): Promise<void> {
    const block = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingLength = 0;
    await this.#handle.write(block, 0, block.length);
  }
}

function signature(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return bytes;
}

function shorts(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * numbers.length);
  for (const [place, number] of numbers.entries()) bytes.writeUInt16LE(number, 2 * place);
  return bytes;
}

function longs(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * numbers.length);
  for (const [place, number] of numbers.entries()) bytes.writeBigUInt64LE(BigInt(number), 8 * place);
  return bytes;
}

function zip64Field(offset: number): Buffer {
  return Buffer.concat([shorts(1, 8), longs(offset)]);
}

/** The zip64 end of the directory, and where it is. */
function end64(start: number, length: number, count: number): Buffer {
  const record = Buffer.concat([
    signature(0x06064b50),
    longs(44),
    shorts(45, 45, 0, 0, 0, 0),
    longs(count, count, length, start),
  ]);
  return Buffer.concat([record, signature(0x07064b50), signature(0), longs(start + length), signature(1)]);
}
