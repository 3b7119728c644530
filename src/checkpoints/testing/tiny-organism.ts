import { join } from 'node:path';
import { readCheckpoint, writeCheckpoint } from '../../organism/index.ts';
import { initialParameters, type Shape } from '../../organism/parameters.ts';
import { checkpointFile, SHIPPED_BASE } from '../engines/organism/train-organism.ts';

/** An organism with the shipped one's words and next to no weights, untrained: quick to train for a step. @returns its file */
export async function tinyOrganism(folder: string): Promise<string> {
  const { words, shape: shipped } = await readCheckpoint(checkpointFile(folder, SHIPPED_BASE));
  const shape: Shape = { ...shipped, width: 16, layers: 1, heads: 2 };
  const file = join(folder, 'tiny.safetensors');
  const lineage = { stage: 'pretrain', parent: null, recipe: {}, seed: 1 };
  await writeCheckpoint(file, { shape, words, parameters: initialParameters(shape, 1), lineage });
  return file;
}
