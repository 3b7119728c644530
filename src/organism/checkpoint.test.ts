import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../core/index.ts';
import { type Checkpoint, digestOfWeights, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { initialParameters, type Shape } from './parameters.ts';

const shape: Shape = { vocabulary: 16, width: 16, layers: 1, heads: 2, context: 16 };
const checkpoint: Checkpoint = {
  shape,
  words: ['<pad>', '<unk>', 'a', 'b'],
  parameters: initialParameters(shape, 3),
  lineage: { stage: 'sft', parent: 'abc', recipe: { method: 'sft' }, seed: 3 },
};

let folder = '';
let file = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-checkpoint-'));
  file = join(folder, 'deep', 'one.safetensors');
  await writeCheckpoint(file, checkpoint);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('what is written is read back: weights to the bit, words, and where it comes from', async () => {
  const read = await readCheckpoint(file);
  expect(read).toEqual(checkpoint);
  expect(digestOfWeights(read)).toBe(digestOfWeights(checkpoint));
});

test('a weight changed by one bit is another digest', () => {
  const parameters = { ...checkpoint.parameters, smear: checkpoint.parameters.smear!.slice() };
  new Uint8Array(parameters.smear.buffer)[0]! ^= 1;
  expect(digestOfWeights({ shape, parameters })).not.toBe(digestOfWeights(checkpoint));
});

describe('a damaged file is refused by name', () => {
  const damaged = async (change: (bytes: Uint8Array) => Uint8Array): Promise<unknown> => {
    const broken = join(folder, 'broken.safetensors');
    await writeFile(broken, change(new Uint8Array(await readFile(file))));
    return readCheckpoint(broken).then(
      () => null,
      (error: unknown) => error,
    );
  };

  test.each([0, 4, 8, 100, 1000, -1, -4000])('cut at byte %i', async (at) => {
    const error = await damaged((bytes) => bytes.slice(0, at < 0 ? bytes.length + at : at));
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).place.file).toContain('broken.safetensors');
  });

  test('one byte of its weights altered', async () => {
    const error = await damaged((bytes) => {
      bytes[bytes.length - 100]! ^= 0x40;
      return bytes;
    });
    expect(String(error)).toContain('the file is damaged');
  });

  test('text, an empty header, and a missing file', async () => {
    expect(await damaged(() => new TextEncoder().encode('this is not a checkpoint at all'))).toBeInstanceOf(
      InputError,
    );
    expect(await damaged(() => new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 123, 125]))).toBeInstanceOf(
      InputError,
    );
    await expect(readCheckpoint(join(folder, 'none.safetensors'))).rejects.toThrow(InputError);
  });
});
