import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../../core/index.ts';
import { weightsDigest } from './weights-digest.ts';

const root = mkdtempSync(join(tmpdir(), 'stemma-weights-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'each-'));
  process.env.XDG_CACHE_HOME = join(folder, 'cache');
});
const savedCache = process.env.XDG_CACHE_HOME;
afterAll(() => {
  if (savedCache === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = savedCache;
});

interface Tensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: readonly number[];
}
type Tensors = Readonly<Record<string, Tensor>>;

const A: Tensor = { dtype: 'BF16', shape: [2, 2], bytes: [1, 2, 3, 4, 5, 6, 7, 8] };
const B: Tensor = { dtype: 'U8', shape: [3], bytes: [9, 10, 11] };
const EMPTY: Tensor = { dtype: 'F32', shape: [0, 4], bytes: [] };
const WHOLE: Tensors = { a: A, b: B, 'ü.empty': EMPTY };

/** A safetensors file of these tensors, their bytes in this order. @param header changes what it says of itself */
function file(
  tensors: Tensors,
  header: (honest: Record<string, unknown>) => unknown = (honest) => honest,
): Buffer {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, { dtype, shape, bytes }]) => {
    const from = end;
    end += bytes.length;
    return [name, { dtype, shape, data_offsets: [from, end] }] as const;
  });
  return withHeader(
    JSON.stringify(header(Object.fromEntries(entries))),
    Object.values(tensors).flatMap(({ bytes }) => bytes),
  );
}

function withHeader(text: string, data: readonly number[], length = BigInt(Buffer.byteLength(text))): Buffer {
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(length);
  return Buffer.concat([start, Buffer.from(text), Buffer.from(data)]);
}

function write(name: string, content: Buffer | string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** Old enough for its digest to be kept. */
function settled(path: string): string {
  utimesSync(path, new Date('2026-01-01'), new Date('2026-01-01'));
  return path;
}

const kept = () => {
  try {
    return readdirSync(join(folder, 'cache', 'stemma', 'weights'));
  } catch {
    return [];
  }
};

describe('the digest says which numbers the weights are', () => {
  const whole = () => weightsDigest(write('whole.safetensors', file(WHOLE)));

  test('not how they are sharded, in which order they stand, or what the metadata says', async () => {
    const digest = await whole();
    expect(digest).toMatch(/^[0-9a-f]{32}$/);
    const reordered = write('r.safetensors', file({ 'ü.empty': EMPTY, b: B, a: A }));
    expect(await weightsDigest(reordered)).toBe(digest);
    const about = (honest: object) => ({ __metadata__: { format: 'pt' }, ...honest });
    expect(await weightsDigest(write('m.safetensors', file(WHOLE, about)))).toBe(digest);
    const spaced = JSON.stringify(
      {
        b: { data_offsets: [0, 3], shape: [3], dtype: 'U8' },
        'ü.empty': { dtype: 'F32', shape: [0, 4], data_offsets: [3, 3] },
        a: { shape: [2, 2], dtype: 'BF16', data_offsets: [3, 11] },
      },
      null,
      2,
    );
    expect(
      await weightsDigest(write('s.safetensors', withHeader(`${spaced}   `, [...B.bytes, ...A.bytes]))),
    ).toBe(digest);
    write('shards/model-1-of-2.safetensors', file({ b: B }));
    write('shards/model-2-of-2.safetensors', file({ 'ü.empty': EMPTY, a: A }));
    write('shards/config.json', '{}');
    expect(await weightsDigest(join(folder, 'shards'))).toBe(digest);
    write('shards/left-over.safetensors', file({ b: { ...B, bytes: [0, 0, 0] } }));
    const map = { a: 'model-2-of-2.safetensors', b: 'model-1-of-2.safetensors' };
    write('shards/model.safetensors.index.json', JSON.stringify({ metadata: {}, weight_map: map }));
    expect(await weightsDigest(join(folder, 'shards'))).toBe(digest);
  });

  test.each<[string, Tensors]>([
    ['one bit', { ...WHOLE, a: { ...A, bytes: [0, 2, 3, 4, 5, 6, 7, 8] } }],
    ['the last bit', { ...WHOLE, b: { ...B, bytes: [9, 10, 10] } }],
    ['a dtype of the same size', { ...WHOLE, a: { ...A, dtype: 'F16' } }],
    ['a shape of the same size', { ...WHOLE, a: { ...A, shape: [4] } }],
    ['a name', { c: A, b: B, 'ü.empty': EMPTY }],
    ['two tensors that change places', { a: { ...B }, b: { ...A }, 'ü.empty': EMPTY }],
    ['a tensor less', { a: A, b: B }],
  ])('it changes with %s', async (_, changed) => {
    expect(await weightsDigest(write('c.safetensors', file(changed)))).not.toBe(await whole());
  });

  test('a GGUF file counts by its bytes, under any name', async () => {
    const one = await weightsDigest(write('a.gguf', 'GGUF and so on'));
    expect(await weightsDigest(write('b.gguf', 'GGUF and so on'))).toBe(one);
    expect(await weightsDigest(write('c.gguf', 'GGUF and so oN'))).not.toBe(one);
    write('only/x.gguf', 'GGUF and so on');
    expect(await weightsDigest(join(folder, 'only'))).toBe(one);
  });

  test('tensors larger than a chunk are hashed whole', async () => {
    const bytes = Buffer.alloc((9 << 20) + 5, 7);
    const big = (data: Buffer) => {
      const text = JSON.stringify({
        w: { dtype: 'U8', shape: [data.length], data_offsets: [0, data.length] },
      });
      const start = Buffer.alloc(8);
      start.writeBigUInt64LE(BigInt(text.length));
      return Buffer.concat([start, Buffer.from(text), data]);
    };
    const digest = await weightsDigest(write('big.safetensors', big(bytes)));
    for (const at of [0, (4 << 20) - 1, 4 << 20, 8 << 20, bytes.length - 1]) {
      const other = Buffer.from(bytes);
      other[at] = 8;
      expect(await weightsDigest(write(`big-${at}.safetensors`, big(other)))).not.toBe(digest);
    }
  });
});

describe('what was computed is kept', () => {
  test('outside the model’s folder, and used while the file stays as it is; --verify reads it again', async () => {
    const path = settled(write('model/m.safetensors', file(WHOLE)));
    const digest = await weightsDigest(path);
    expect(kept()).toHaveLength(1);
    expect(readdirSync(join(folder, 'model'))).toEqual(['m.safetensors']);
    // What is kept is what is used: a lie there shows it.
    const entry = join(folder, 'cache', 'stemma', 'weights', kept()[0]!);
    writeFileSync(entry, JSON.stringify([['a', 'U8', [1], '0'.repeat(64)]]));
    const lied = await weightsDigest(path);
    expect(lied).not.toBe(digest);
    expect(await weightsDigest(path, { verify: true })).toBe(digest);
    expect(await weightsDigest(path)).toBe(digest);
  });

  test('another content is never given the old digest: written over, set back in time, or moved into its place', async () => {
    const path = settled(write('m.safetensors', file(WHOLE)));
    const digest = await weightsDigest(path);
    const other = { ...WHOLE, a: { ...A, bytes: [8, 7, 6, 5, 4, 3, 2, 1] } };
    const wanted = await weightsDigest(write('other.safetensors', file(other)));
    writeFileSync(path, file(other));
    expect(await weightsDigest(path)).toBe(wanted);
    settled(path);
    expect(await weightsDigest(path)).toBe(wanted);
    copyFileSync(write('again.safetensors', file(WHOLE)), join(folder, 'next'));
    settled(join(folder, 'next'));
    renameSync(join(folder, 'next'), path);
    expect(await weightsDigest(path)).toBe(digest);
  });

  test('not of a file that was just written, and damage in the cache does not matter', async () => {
    const path = write('m.safetensors', file(WHOLE));
    const digest = await weightsDigest(path);
    expect(kept()).toEqual([]);
    settled(path);
    await weightsDigest(path);
    writeFileSync(join(folder, 'cache', 'stemma', 'weights', kept()[0]!), '{"torn":');
    expect(await weightsDigest(path)).toBe(digest);
    process.env.XDG_CACHE_HOME = join(path, 'not-a-folder');
    expect(await weightsDigest(path)).toBe(digest);
  });
});

describe('a file that lies is an error that names it', () => {
  const lying: [string, Buffer, string][] = [
    ['too short', Buffer.from([1, 2, 3]), 'is too short for a safetensors file'],
    [
      'a header of exabytes',
      withHeader('{}', [], 2n ** 62n),
      'announces a header of 4611686018427387904 bytes',
    ],
    ['no JSON', withHeader('{"a":', []), 'has a header that is not a JSON object'],
    ['a list', withHeader('[]', []), 'has a header that is not a JSON object'],
    [
      'bytes behind the file',
      file({ b: B }, () => ({ b: { dtype: 'U8', shape: [4], data_offsets: [0, 4] } })),
      'its bytes end 1 bytes after the file',
    ],
    [
      'negative offsets',
      file({ b: B }, () => ({ b: { dtype: 'U8', shape: [3], data_offsets: [-3, 0] } })),
      'its data_offsets are not two whole numbers',
    ],
    [
      'an end before the beginning',
      file({ b: B }, () => ({ b: { dtype: 'U8', shape: [3], data_offsets: [3, 0] } })),
      'its bytes end before they begin',
    ],
    [
      'an overlap',
      file({ a: B, b: B }, () => ({
        a: { dtype: 'U8', shape: [4], data_offsets: [0, 4] },
        b: { dtype: 'U8', shape: [3], data_offsets: [3, 6] },
      })),
      'gives the tensor "b" bytes that another tensor owns',
    ],
    [
      'a hole',
      file({ a: B, b: B }, () => ({
        a: { dtype: 'U8', shape: [2], data_offsets: [0, 2] },
        b: { dtype: 'U8', shape: [3], data_offsets: [3, 6] },
      })),
      'has 1 bytes before the tensor "b" that no tensor owns',
    ],
    [
      'bytes at the end',
      file({ b: B }, () => ({ b: { dtype: 'U8', shape: [2], data_offsets: [0, 2] } })),
      'has 1 bytes after its last tensor',
    ],
    [
      'a shape of other size',
      file({ b: B }, () => ({ b: { dtype: 'U8', shape: [2 ** 50, 2 ** 50], data_offsets: [0, 3] } })),
      'U8 of shape',
    ],
    [
      'a shape that is not one',
      file({ b: B }, () => ({ b: { dtype: 'U8', shape: ['3'], data_offsets: [0, 3] } })),
      'its shape is not a list of whole numbers',
    ],
    ['an entry that is not one', file({ b: B }, () => ({ b: null })), 'it has no dtype'],
  ];
  test.each(lying)('%s', async (_, content, message) => {
    const path = write('lying.safetensors', content);
    const error = await weightsDigest(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect(String(error)).toContain(message);
    expect(String(error)).toContain(path);
  });

  test('one tensor in two shards; shards that are not there; indexes that point elsewhere', async () => {
    write('two/a.safetensors', file({ a: A }));
    const second = write('two/b.safetensors', file({ a: A, b: B }));
    await expect(weightsDigest(join(folder, 'two'))).rejects.toThrow(
      'the tensor "a" is in a.safetensors too',
    );
    await expect(weightsDigest(join(folder, 'two'))).rejects.toMatchObject({ place: { file: second } });
    const index = (weight_map: unknown) =>
      write('two/model.safetensors.index.json', JSON.stringify({ weight_map }));
    index({ a: 'gone.safetensors' });
    await expect(weightsDigest(join(folder, 'two'))).rejects.toMatchObject({
      place: { file: join(folder, 'two', 'gone.safetensors') },
    });
    for (const elsewhere of ['../other.safetensors', '/etc/passwd', '..', '', 3]) {
      index({ a: elsewhere });
      await expect(weightsDigest(join(folder, 'two'))).rejects.toThrow('which is not a file beside it');
    }
    index([]);
    await expect(weightsDigest(join(folder, 'two'))).rejects.toThrow('has no weight_map');
    writeFileSync(join(folder, 'two', 'model.safetensors.index.json'), '{');
    await expect(weightsDigest(join(folder, 'two'))).rejects.toThrow('this index cannot be read');
  });

  test('what is not there, an empty folder, and a named pipe that nobody writes to', async () => {
    await expect(weightsDigest(join(folder, 'nowhere'))).rejects.toThrow('there are no weights here');
    mkdirSync(join(folder, 'empty'));
    await expect(weightsDigest(join(folder, 'empty'))).rejects.toThrow(
      'holds no .safetensors and no .gguf file',
    );
    const pipe = join(folder, 'pipe.safetensors');
    execFileSync('mkfifo', [pipe]);
    await expect(weightsDigest(pipe)).rejects.toThrow('is not a regular file');
    expect(statSync(pipe).isFIFO()).toBe(true);
  });
});
