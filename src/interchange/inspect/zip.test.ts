import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../core/index.ts';
import { temporaryFolder } from '../../evals/testing/published.ts';
import { ZipReader } from './zip-reader.ts';
import { ZipWriter } from './zip-writer.ts';
import { unpackZstd } from './zstd.ts';

async function written(file: string, members: Readonly<Record<string, string>>): Promise<void> {
  const zip = await ZipWriter.create(file);
  const methods = ['stored', 'deflate', 'zstd'] as const;
  for (const [index, [name, text]] of Object.entries(members).entries())
    await zip.add(name, text, methods[index % 3]!);
  await zip.close();
}

async function readAll(file: string): Promise<Record<string, string>> {
  await using zip = await ZipReader.open(file);
  const all: Record<string, string> = {};
  for (const member of zip.members.values()) all[member.name] = (await zip.read(member)).toString();
  return all;
}

const MEMBERS = {
  'a.json': 'stored text',
  'b/ü.json': 'deflated '.repeat(100),
  'c.json': 'zstd '.repeat(1000),
  empty: '',
};

/** A written archive with some bytes changed: an error that names the file is expected. */
async function refusal(change: (bytes: Buffer) => Buffer): Promise<string> {
  using folder = temporaryFolder();
  const file = join(folder.path, 'x.eval');
  await written(file, MEMBERS);
  writeFileSync(file, change(readFileSync(file)));
  const error: unknown = await readAll(file).catch((error) => error);
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).place.file).toBe(file);
  return (error as InputError).message;
}

/** Where the directory describes the member of this name. */
function entryOf(bytes: Buffer, name: string): number {
  return bytes.lastIndexOf(name) - 46;
}

describe('a zip archive', () => {
  test('is read as it was written: stored, deflate, zstd', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'x.eval');
    await written(file, MEMBERS);
    expect(await readAll(file)).toEqual(MEMBERS);
  });

  test('with more members than 16 bits count is zip64', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'x.eval');
    const zip = await ZipWriter.create(file);
    for (let i = 0; i < 0x10001; i++) await zip.add(`${i}`, '', 'stored');
    await zip.add('last', 'here');
    await zip.close();
    await using reader = await ZipReader.open(file);
    expect(reader.members.size).toBe(0x10002);
    expect((await reader.read(reader.members.get('last')!)).toString()).toBe('here');
  });

  test.each<[string, (bytes: Buffer) => Buffer, RegExp]>([
    ['half written', (bytes) => bytes.subarray(0, bytes.length - 60), /not a whole .eval file/],
    ['cut in the middle', (bytes) => bytes.subarray(0, 40), /not a whole .eval file/],
    [
      'that states a smaller size than a member has',
      (bytes) => {
        bytes.writeUInt32LE(10, entryOf(bytes, 'b/ü.json') + 24);
        return bytes;
      },
      /unpacks to more than the 10B/,
    ],
    [
      'that states a smaller size of a zstd member',
      (bytes) => {
        bytes.writeUInt32LE(10, entryOf(bytes, 'c.json') + 24);
        return bytes;
      },
      /unpacks to more than the 10B/,
    ],
    [
      'that states a larger size',
      (bytes) => {
        bytes.writeUInt32LE(5001, entryOf(bytes, 'c.json') + 24);
        return bytes;
      },
      /unpacks to 5.00 kB, but the archive states/,
    ],
    [
      'with a member of gigabytes',
      (bytes) => {
        bytes.writeUInt32LE(0xf0000000, entryOf(bytes, 'c.json') + 24);
        return bytes;
      },
      /is 4.03 GB large; at most 419 MB/,
    ],
    [
      'with a bomb in it',
      (bytes) => {
        bytes.writeUInt32LE(300_000_000, entryOf(bytes, 'c.json') + 24);
        return bytes;
      },
      /would unpack to 300 MB/,
    ],
    [
      'whose members share their bytes',
      (bytes) => {
        bytes.writeUInt32LE(bytes.length, entryOf(bytes, 'c.json') + 20);
        return bytes;
      },
      /larger together than the file/,
    ],
    [
      'with one bit wrong',
      (bytes) => {
        const at = bytes.indexOf('stored text');
        bytes[at] = bytes[at]! ^ 1;
        return bytes;
      },
      /its checksum is not the stated one/,
    ],
    [
      'that points to another member',
      (bytes) => {
        bytes.writeUInt32LE(0, entryOf(bytes, 'c.json') + 42);
        return bytes;
      },
      /has another name inside/,
    ],
    [
      'compressed in another way',
      (bytes) => {
        bytes.writeUInt16LE(14, entryOf(bytes, 'c.json') + 10);
        return bytes;
      },
      /by method 14/,
    ],
    [
      'that is encrypted',
      (bytes) => {
        bytes.writeUInt16LE(1, entryOf(bytes, 'c.json') + 8);
        return bytes;
      },
      /is encrypted/,
    ],
  ])('%s is an error that names it', async (_, change, message) => {
    expect(await refusal(change)).toMatch(message);
  });
});

describe('zstd', () => {
  const [one, two] = ['hello ', 'world'].map((text) => zstdCompressSync(text));
  const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);

  test('of several frames is read to the end; frames without data are skipped', () => {
    expect(unpackZstd(Buffer.concat([one!, skippable, two!]), 11).toString()).toBe('hello world');
  });

  test('of repeated bytes and of sizes that need several blocks', () => {
    for (const text of ['x'.repeat(1_000_000), Array.from({ length: 200_000 }, (_, i) => i).join()]) {
      const packed = zstdCompressSync(text);
      expect(unpackZstd(Buffer.concat([packed, packed]), 2 * text.length).toString()).toBe(text + text);
    }
  });

  test('never unpacks more than it may', () => {
    const bomb = zstdCompressSync(Buffer.alloc(50_000_000));
    expect(() => unpackZstd(bomb, 1000)).toThrow(RangeError);
    expect(() => unpackZstd(Buffer.concat([one!, bomb]), 10)).toThrow(RangeError);
  });

  test('that is cut is an error', () => {
    for (let length = 1; length < one!.length; length++) {
      expect(() => unpackZstd(one!.subarray(0, length), 6)).toThrow();
    }
  });
});
