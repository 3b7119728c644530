import { resolve } from 'node:path';
import { InputError } from '../core/index.ts';
import { hubFolder, isHubRef } from '../hub/index.ts';

/** Where the weights of a stage lie, as its study writes it. */
interface WeightsKeys {
  /** A folder of safetensors with its tokenizer, or `hf:ORG/NAME@REVISION`. */
  readonly weights?: string;
  /** A folder of LoRA weights that go on top of `weights`. */
  readonly adapter?: string;
  /** A GGUF file, instead of `weights`. */
  readonly gguf?: string;
}

/** The checkpoint of a stage, before anything of it is opened. */
export type CheckpointSource =
  /** An organism: `base`, the path of a file, or the name that a recipe gave it. */
  | { readonly kind: 'organism'; readonly name: string }
  /** What another engine trains: a folder with that name among the checkpoints. */
  | { readonly kind: 'trained'; readonly name: string }
  /** Weights that the study names. Relative paths start in `folder`. */
  | ({ readonly kind: 'given'; readonly folder: string } & WeightsKeys);

/** Where the files of a checkpoint lie. */
export interface WeightsPlace {
  /** The folder of safetensors, or the GGUF file. */
  readonly path: string;
  readonly adapter?: string;
}

/**
 * Finds the files of a checkpoint that is not an organism. What lies on the hub is looked for in the local cache, and
 * downloaded where that is allowed.
 *
 * @param checkpoints where trained checkpoints are kept
 * @throws InputError where a hub repository is not in the cache and cannot be fetched
 */
export async function placeOf(
  source: Exclude<CheckpointSource, { kind: 'organism' }>,
  checkpoints: string,
): Promise<WeightsPlace> {
  if (source.kind === 'trained') return { path: trainedFolder(checkpoints, source.name) };
  const { folder, weights, adapter, gguf } = source;
  if (gguf !== undefined) return { path: resolve(folder, gguf) };
  if (weights === undefined) throw new InputError('this stage names no weights');
  const path = isHubRef(weights) ? await hubFolder(weights) : resolve(folder, weights);
  return { path, ...(adapter === undefined ? {} : { adapter: resolve(folder, adapter) }) };
}

/** The folder of a checkpoint that was trained by an engine with a process of its own. */
export function trainedFolder(checkpoints: string, name: string): string {
  return resolve(checkpoints, name);
}
