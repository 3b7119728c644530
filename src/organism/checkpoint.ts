import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Digest, digestOfText, InputError, type JsonObject } from '../core/index.ts';
import { openRegularFile, writeWhole } from '../files/index.ts';
import { type Parameters, type Shape, sizeOf, tensorShapes } from './parameters.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

/** A network at the end of a stage: weights, words, and where it comes from. */
export interface Checkpoint {
  readonly shape: Shape;
  readonly words: readonly string[];
  readonly parameters: Parameters;
  readonly lineage: CheckpointHistory;
}

/** Everything needed to make this checkpoint again from its parent. */
interface CheckpointHistory {
  readonly stage: string;
  /** Digest of the parent's weights; `null` for one that was pretrained. */
  readonly parent: Digest | null;
  readonly recipe: JsonObject;
  readonly seed: number;
}

/** Digest of the weights alone: two checkpoints with the same behave the same. */
export function digestOfWeights({ shape, parameters }: Pick<Checkpoint, 'shape' | 'parameters'>): Digest {
  const parts = Object.keys(tensorShapes(shape)).map((name) => {
    const values = parameters[name] as Float32Array;
    return digestOfText(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  });
  return digestOfText(parts.join());
}

/** Writes a checkpoint as safetensors, whole or not at all. */
export async function writeCheckpoint(file: string, checkpoint: Checkpoint): Promise<void> {
  const { shape, words, parameters, lineage } = checkpoint;
  const tensors = Object.fromEntries(
    Object.entries(tensorShapes(shape)).map(([name, dimensions]) => [
      name,
      { dimensions, values: parameters[name] as Float32Array<ArrayBuffer> },
    ]),
  );
  const metadata = {
    format: 'stemma-organism',
    version: '1',
    shape: JSON.stringify(shape),
    words: words.join(' '),
    lineage: JSON.stringify(lineage),
    digest: digestOfWeights(checkpoint),
  };
  await mkdir(dirname(file), { recursive: true });
  await writeWhole(file, writeSafetensors({ tensors, metadata }), `${file}.part`);
}

/** @throws InputError when the file is missing, damaged, or no checkpoint of an organism */
export async function readCheckpoint(file: string): Promise<Checkpoint> {
  const bytes = await readWhole(file).catch((cause: unknown) => {
    throw new InputError('there is no checkpoint here that can be read', { place: { file }, cause });
  });
  const { tensors, metadata } = readSafetensors(bytes, file);
  if (metadata.format !== 'stemma-organism' || metadata.version !== '1') {
    throw new InputError('this safetensors file holds no organism', { place: { file } });
  }
  const shape = JSON.parse(metadata.shape as string) as Shape;
  const parameters: Parameters = {};
  for (const [name, dimensions] of Object.entries(tensorShapes(shape))) {
    const values = tensors[name]?.values;
    if (values?.length !== sizeOf(dimensions)) {
      throw new InputError(`tensor ${name} should hold ${dimensions.join('×')} numbers`, { place: { file } });
    }
    parameters[name] = values;
  }
  const checkpoint: Checkpoint = {
    shape,
    words: (metadata.words as string).split(' '),
    parameters,
    lineage: JSON.parse(metadata.lineage as string) as CheckpointHistory,
  };
  if (digestOfWeights(checkpoint) !== metadata.digest) {
    throw new InputError('the weights are not those that were written: the file is damaged', {
      place: { file },
    });
  }
  return checkpoint;
}

/** A pipe would be waited for, so it is refused. */
async function readWhole(file: string): Promise<Uint8Array> {
  await using handle = await openRegularFile(file);
  return handle.readFile();
}
