import { existsSync, renameSync } from 'node:fs';
import { access, constants, mkdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError, type JsonObject, MissingPartError } from '../../../core/index.ts';
import { unwritable } from '../../../files/index.ts';
import type { ModelOpener } from '../../../models/index.ts';
import {
  type Checkpoint,
  digestOfWeights,
  organismModel,
  readCheckpoint,
  tokenizer,
  writeCheckpoint,
} from '../../../organism/index.ts';
import type { TrainingControl } from '../../../organism/methods.ts';
import { writeJson } from '../../launchers/job-files.ts';
import { lineageOf, organismMarker } from '../../lineage.ts';
import { recipeDigest, writtenRecipe } from '../../recipe.ts';
import { weightsDigest } from '../../weights/weights-digest.ts';
import type { TrainingJob } from '../engine.ts';
import type { OrganismRecipe } from './recipe.ts';
import { Starts } from './starts.ts';

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
    const begun = performance.now();
    const starts = new Starts(`${file}.starts`);
    const trained = await trainFrom(parent, job.recipe, {
      ...control,
      stateFile: `${file}.state`,
      onProgress: (progress) => {
        starts.reached(progress.step);
        control.onProgress?.(progress);
      },
    });
    if (trained === null) {
      starts.end('was stopped');
      return false;
    }
    const { parameters, order, sources, versions } = trained;
    const recipe = writtenRecipe(job.recipe);
    // It has its name only when it is whole, and how it came to be is written.
    const whole = file.replace(/safetensors$/, 'whole.safetensors');
    const lineage = { stage: job.stage, parent: digestOfWeights(parent), recipe, seed: job.recipe.seed };
    await writeCheckpoint(whole, { ...parent, parameters, lineage });
    const from = { name: basename(job.parent.name), weights: await weightsDigest(parentFile) };
    const seconds = Math.round((performance.now() - begun) / 100) / 10;
    writeJson(
      organismMarker(file),
      lineageOf({
        stage: job.stage,
        name: job.name,
        identity: { weights: await weightsDigest(whole) },
        parent: from,
        recipe,
        recipeDigest: recipeDigest(job.recipe),
        order,
        sources,
        result: { device: 'cpu', world: 1, versions, seconds },
        attempts: starts.end('finished'),
      }),
    );
    renameSync(whole, file);
    starts.forget();
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

/** The weights that a recipe makes, and the examples that they were made from; `null` where it was stopped. */
async function trainFrom(
  { words, shape, parameters: before }: Checkpoint,
  recipe: OrganismRecipe,
  control: TrainingControl,
) {
  const { sft, sftExamples, rl, rlPrompts, versions } = await trainingMethods();
  const encoder = tokenizer(words);
  const isSft = recipe.method === 'sft';
  const parameters = isSft
    ? await sft(shape, encoder, before, recipe, control)
    : await rl(shape, encoder, before, recipe, control);
  if (parameters === null) return null;
  const from = isSft ? sftExamples(shape.context, encoder, recipe) : rlPrompts(encoder, recipe);
  return { parameters, ...from, versions: versions() as JsonObject };
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
