import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeJson } from '../../launchers/job-files.ts';
import { isWhole } from '../../lineage.ts';
import { recipeDigest } from '../../recipe.ts';
import type { Engine } from '../engine.ts';
import { collectTrained, jobFolder, parentOf, writeOrder } from '../job-folder.ts';
import { requireFileWeights } from '../requires.ts';
import type { TrlRecipe } from './recipe.ts';

const SCRIPT = fileURLToPath(new URL('./python/train.py', import.meta.url));

/** No library may ask a hub, write to a tracker, or draw other numbers from one start to the next. */
const ENVIRONMENT = {
  HF_HUB_OFFLINE: '1',
  TRANSFORMERS_OFFLINE: '1',
  HF_DATASETS_OFFLINE: '1',
  WANDB_DISABLED: 'true',
  TOKENIZERS_PARALLELISM: 'false',
  PYTHONHASHSEED: '0',
  CUBLAS_WORKSPACE_CONFIG: ':4096:8',
};

/** Trains real weights by TRL, with a script of stemma's own that the user's Python runs. */
export const trlEngine: Engine<TrlRecipe> = {
  id: 'trl',
  refusal: requireFileWeights,
  made: ({ name }) => ({ kind: 'trained', name }),
  isTrained: ({ name }, checkpoints) => isWhole(checkpoints, name),
  async prepare(job, { checkpoints, python }) {
    const { recipe, stage, name } = job;
    const folder = jobFolder(resolve(checkpoints), name);
    const parent = await parentOf(job, checkpoints);
    const written = writeOrder(folder, recipe);
    const { engine: _, mixture: _mixture, files: _files, folder: _folder, ...settings } = recipe;
    writeJson(join(folder, 'recipe.json'), {
      ...settings,
      ...(recipe.method === 'grpo' ? { rewards: absolute(recipe.rewards, recipe.folder) } : {}),
      parent: parent.path,
      adapter: parent.adapter ?? null,
      order_sha256: written.sha256,
      recipe_digest: recipeDigest(recipe),
    });
    const arguments_ = [SCRIPT, folder];
    const { processes } = recipe;
    const torchrun = ['-m', 'torch.distributed.run', '--standalone', `--nproc-per-node=${processes}`];
    return {
      kind: 'process',
      stage,
      folder,
      command: [python, ...arguments_],
      local: [python, ...(processes > 1 ? torchrun : []), ...arguments_],
      processes,
      environment: ENVIRONMENT,
      steps: recipe.steps,
      collect: collectTrained(job, checkpoints, parent, written),
    };
  },
};

function absolute(rewards: Readonly<Record<string, number>>, folder: string): Record<string, number> {
  return Object.fromEntries(Object.entries(rewards).map(([name, weight]) => [resolve(folder, name), weight]));
}
