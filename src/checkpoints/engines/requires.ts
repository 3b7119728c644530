import type { CheckpointSource } from '../source.ts';

/** Why a trainer of real weights cannot start from such a checkpoint; `null` where it can. */
export function requireFileWeights(parent: CheckpointSource): string | null {
  if (parent.kind === 'organism') return 'is an organism, which only `engine: organism` can train';
  if (parent.kind === 'given' && parent.gguf !== undefined)
    return 'is a GGUF file, which cannot be trained: name the folder of safetensors';
  return null;
}
