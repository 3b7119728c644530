import { existsSync } from 'node:fs';
import { access, constants, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError, MissingPartError } from '../../../core/index.ts';
import { unwritable } from '../../../files/index.ts';
import type { ModelOpener } from '../../../models/index.ts';
import {
  type Checkpoint,
  digestOfWeights,
  organismModel,
  type Parameters,
  readCheckpoint,
  tokenizer,
  writeCheckpoint,
} from '../../../organism/index.ts';
import type { TrainingControl } from '../../../organism/methods.ts';
import type { TrainingJob } from '../engine.ts';
import type { OrganismRecipe } from './recipe.ts';

/** The name of the pretrained-only organism that ships with stemma: `organism:base`. */
export const SHIPPED_BASE = 'base';
const BASE_FILE = fileURLToPath(new URL('../../../organism/base/base.safetensors', import.meta.url));

/** Where a checkpoint of that name is kept: the shipped one in the package, others in `folder`; a path is itself. */
export function checkpointFile(folder: string, name: string): string {
  if (name === SHIPPED_BASE) return BASE_FILE;
  return name.endsWith('.safetensors') ? name : join(folder, `${name}.safetensors`);
}

/**
 * The file behind an `organism:` ref.
 *
 * @param name        what follows the scheme: a name, or a path to a `.safetensors` file
 * @param checkpoints where checkpoints are kept by name
 * @param folder      where a relative path starts
 */
export function organismFile(name: string, checkpoints: string, folder: string): string {
  return checkpointFile(checkpoints, name.endsWith('.safetensors') ? resolve(folder, name) : name);
}

/** Opens `organism:` refs: by name from where checkpoints are kept, or a file by its path. */
export function organismOpener(checkpoints: string): ModelOpener {
  return async (name, folder) => {
    const file = organismFile(name, checkpoints, folder);
    if (!existsSync(file)) {
      throw new InputError(`there is no organism "${name}"`, {
        place: { file },
        remedy: 'Known by name are `base`, which ships with stemma, and what a study’s recipes have trained.',
      });
    }
    return organismModel(`organism:${name}`, await readCheckpoint(file));
  };
}

/** Whether the checkpoint that a job is to make is there already. */
export function isTrained(job: Pick<TrainingJob, 'name'>, folder: string): boolean {
  return existsSync(checkpointFile(folder, job.name));
}

/**
 * Trains a checkpoint that is not there yet; one that is, is left alone. The state is saved as training goes on, so that
 * the same call goes on where a stopped one was.
 *
 * @param folder where checkpoints are kept
 * @returns whether the checkpoint is there: `false` when the signal aborted
 * @throws InputError when the parent is missing, or the checkpoint can't be written
 */
export async function trainOrganism(
  job: TrainingJob<OrganismRecipe>,
  folder: string,
  control: TrainingControl = {},
): Promise<boolean> {
  if (isTrained(job, folder)) return true;
  const file = checkpointFile(folder, job.name);
  if (job.parent.kind !== 'organism')
    throw new InputError(`stage ${job.stage} is not trained from an organism`);
  const parentFile = checkpointFile(folder, job.parent.name);
  if (!existsSync(parentFile)) {
    throw new InputError(`stage ${job.stage} is to be trained from ${job.parent.name}, which is not there`, {
      place: { file: parentFile },
    });
  }
  const parent = await readCheckpoint(parentFile);
  try {
    await refuseUnwritable(folder);
    const parameters = await weightsOf(parent, job.recipe, { ...control, stateFile: `${file}.state` });
    if (parameters === null) return false;
    await writeCheckpoint(file, {
      ...parent,
      parameters,
      lineage: {
        stage: job.stage,
        parent: digestOfWeights(parent),
        recipe: JSON.parse(JSON.stringify(job.recipe)),
        seed: job.recipe.seed,
      },
    });
    return true;
  } catch (error) {
    throw unwritable('the checkpoint', file, error);
  }
}

/** Before minutes of training, not after them. */
async function refuseUnwritable(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await access(folder, constants.W_OK);
}

async function weightsOf(
  { words, shape, parameters }: Checkpoint,
  recipe: OrganismRecipe,
  control: TrainingControl,
): Promise<Parameters | null> {
  const { sft, rl } = await trainingMethods();
  return recipe.method === 'sft'
    ? sft(shape, tokenizer(words), parameters, recipe, control)
    : rl(shape, tokenizer(words), parameters, recipe, control);
}

/** Loaded only here: a study that trains nothing needs no numerics. */
async function trainingMethods(): Promise<typeof import('../../../organism/methods.ts')> {
  try {
    return await import('../../../organism/methods.ts');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new MissingPartError('training an organism needs @jax-js/jax, which is not installed', {
      remedy: 'npm install @jax-js/jax@0.1.25',
      cause,
    });
  }
}
