import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { InputError } from '../../core/index.ts';
import { compact } from '../../format/index.ts';
import { unpackZstd } from './zstd.ts';

/** A file inside of a zip archive, as the archive's directory describes it. */
export interface ZipMember {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  readonly offset: number;
}

/** The largest member that is read: its text must fit into one string. */
export const LARGEST_MEMBER = 400 * 1024 * 1024;
/** Above this size a member may not unpack to more than a thousand times its size. Real logs reach some hundreds. */
const BOMB_SIZE = 16 * 1024 * 1024;
const BOMB_RATIO = 1000;

const STORED = 0;
const DEFLATE = 8;
const ZSTD = 93;

const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_ENTRY = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const END64_LOCATOR = 0x07064b50;
const END_LENGTH = 22;
const LONGEST_COMMENT = 0xffff;

const inflate = promisify(inflateRaw);

/**
 * Reads members of a zip archive one at a time: stored, deflated or zstd-compressed, zip64 too. Sizes and checksums are
 * compared with what the archive states, and nothing larger than stated is ever unpacked.
 *
 * @see APPNOTE.TXT (PKWARE), sections 4.3 and 4.5.3
 */
export class ZipReader implements AsyncDisposable {
  readonly file: string;
  /** By name; of several with one name the last counts, as it replaced the others. */
  readonly members: ReadonlyMap<string, ZipMember>;
  readonly #handle: FileHandle;

  private constructor(file: string, handle: FileHandle, members: ReadonlyMap<string, ZipMember>) {
    this.file = file;
    this.#handle = handle;
    this.members = members;
  }

  /** @throws InputError when the file is not a whole zip archive */
  static async open(file: string): Promise<ZipReader> {
    const handle = await open(file, constants.O_RDONLY);
    try {
      return new ZipReader(file, handle, await readDirectory(file, handle));
    } catch (error) {
      await handle.close();
      if (error instanceof RangeError) throw halfWritten(file);
      throw error;
    }
  }

  /** @throws InputError when the member is too large, damaged, or not as large as stated */
  async read(member: ZipMember): Promise<Buffer> {
    const wrong = (what: string, remedy?: string) =>
      new InputError(`${member.name} in this log ${what}`, {
        place: { file: this.file },
        ...(remedy === undefined ? {} : { remedy }),
      });
    if (![STORED, DEFLATE, ZSTD].includes(member.method)) {
      throw wrong(
        `is compressed by method ${member.method}, which is not known`,
        'Known are stored (0), deflate (8) and zstd (93), which Inspect writes.',
      );
    }
    if (member.size > LARGEST_MEMBER) {
      throw wrong(
        `is ${byteCount(member.size)} large; at most ${byteCount(LARGEST_MEMBER)} are read at once`,
        'Write the log in chunks: inspect log convert-chunked LOG --output-dir DIR',
      );
    }
    if (member.size > BOMB_SIZE && member.size > BOMB_RATIO * member.packedSize) {
      throw wrong(
        `would unpack to ${byteCount(member.size)} from ${byteCount(member.packedSize)}: this is not a log`,
      );
    }
    const packed = await this.#packed(member, wrong);
    let bytes: Buffer;
    try {
      bytes = await unpack(packed, member);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ERR_BUFFER_TOO_LARGE' || (error as Error).message === 'more bytes than stated')
        throw wrong(`unpacks to more than the ${byteCount(member.size)} that the archive states`);
      throw wrong('is damaged and cannot be unpacked', 'Fetch the log again.');
    }
    if (bytes.length !== member.size) {
      throw wrong(`unpacks to ${byteCount(bytes.length)}, but the archive states ${byteCount(member.size)}`);
    }
    if (crc32(bytes) !== member.crc)
      throw wrong('is damaged: its checksum is not the stated one', 'Fetch the log again.');
    return bytes;
  }

  async #packed(member: ZipMember, wrong: (what: string) => InputError): Promise<Buffer> {
    const header = Buffer.alloc(30);
    await this.#handle.read(header, 0, 30, member.offset);
    if (header.readUInt32LE(0) !== LOCAL_HEADER) throw wrong('is not where the archive says');
    const nameLength = header.readUInt16LE(26);
    const start = member.offset + 30 + nameLength + header.readUInt16LE(28);
    const rest = Buffer.alloc(nameLength);
    await this.#handle.read(rest, 0, nameLength, member.offset + 30);
    if (rest.toString('utf8') !== member.name)
      throw wrong('has another name inside of the archive than in its directory');
    const packed = Buffer.allocUnsafe(member.packedSize);
    const { bytesRead } = await this.#handle.read(packed, 0, member.packedSize, start);
    if (bytesRead !== member.packedSize) throw wrong('is cut off');
    return packed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

async function unpack(packed: Buffer, { method, size }: ZipMember): Promise<Buffer> {
  if (method === STORED) return packed;
  if (method === DEFLATE) {
    return size === 0 && packed.length === 0
      ? packed
      : await inflate(packed, { maxOutputLength: Math.max(1, size) });
  }
  return unpackZstd(packed, size);
}

async function readDirectory(file: string, handle: FileHandle): Promise<Map<string, ZipMember>> {
  const { size: fileSize } = await handle.stat();
  const tailLength = Math.min(fileSize, END_LENGTH + LONGEST_COMMENT + 20);
  const tail = Buffer.alloc(tailLength);
  await handle.read(tail, 0, tailLength, fileSize - tailLength);
  const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end === -1 || tail.length - end < END_LENGTH || tail.readUInt32LE(end) !== END) throw halfWritten(file);
  let count = tail.readUInt16LE(end + 10);
  let length = tail.readUInt32LE(end + 12);
  let offset = tail.readUInt32LE(end + 16);
  if (end >= 20 && tail.readUInt32LE(end - 20) === END64_LOCATOR) {
    const end64 = Buffer.alloc(56);
    await handle.read(end64, 0, 56, Number(tail.readBigUInt64LE(end - 12)));
    if (end64.readUInt32LE(0) !== END64) throw halfWritten(file);
    count = Number(end64.readBigUInt64LE(32));
    length = Number(end64.readBigUInt64LE(40));
    offset = Number(end64.readBigUInt64LE(48));
  }
  if (offset + length > fileSize) throw halfWritten(file);
  const directory = Buffer.alloc(length);
  await handle.read(directory, 0, length, offset);
  return parseDirectory(file, directory, { count, fileSize });
}

function parseDirectory(
  file: string,
  directory: Buffer,
  { count, fileSize }: { readonly count: number; readonly fileSize: number },
): Map<string, ZipMember> {
  const members = new Map<string, ZipMember>();
  let packed = 0;
  let at = 0;
  for (let entry = 0; entry < count; entry++) {
    if (directory.readUInt32LE(at) !== DIRECTORY_ENTRY) throw halfWritten(file);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((place) =>
      directory.readUInt16LE(at + place),
    );
    const name = directory.toString('utf8', at + 46, at + 46 + nameLength!);
    if ((directory.readUInt16LE(at + 8) & 1) !== 0) {
      throw new InputError(`${name} in this log is encrypted`, { place: { file } });
    }
    const extra = directory.subarray(at + 46 + nameLength!, at + 46 + nameLength! + extraLength!);
    const [size, packedSize, offset] = longNumbers(extra, [
      directory.readUInt32LE(at + 24),
      directory.readUInt32LE(at + 20),
      directory.readUInt32LE(at + 42),
    ]);
    members.set(name, {
      name,
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      packedSize: packedSize!,
      size: size!,
      offset: offset!,
    });
    packed += packedSize!;
    at += 46 + nameLength! + extraLength! + commentLength!;
  }
  // Members that share their bytes are how a small archive becomes an endless one.
  if (packed > fileSize) {
    throw new InputError('the members of this log are larger together than the file', {
      place: { file },
      remedy: 'This is not a log that Inspect wrote.',
    });
  }
  return members;
}

/** Size, packed size and offset: those that do not fit into 32 bits are in the zip64 field, in this order. */
function longNumbers(extra: Buffer, numbers: readonly number[]): number[] {
  const long = [...numbers];
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let next = at + 4;
    for (const [index, number] of numbers.entries()) {
      if (number !== 0xffffffff) continue;
      long[index] = Number(extra.readBigUInt64LE(next));
      next += 8;
    }
  }
  return long;
}

function halfWritten(file: string): InputError {
  return new InputError('this is not a whole .eval file: it has no directory at its end', {
    place: { file },
    remedy:
      'It may still be written, or was cut off on its way. Fetch it again, or wait until Inspect has finished.',
  });
}

/** @example byteCount(1_500_000); // => '1.50 MB' */
export function byteCount(bytes: number): string {
  return `${compact(bytes)}B`;
}
