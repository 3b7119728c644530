import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError } from '../../../core/index.ts';
import { isWhole } from '../../lineage.ts';
import { sourceDigest } from '../../mixture/file-source.ts';
import type { Engine } from '../engine.ts';
import { collectTrained, jobFolder, parentOf, writeOrder } from '../job-folder.ts';
import { requireFileWeights } from '../requires.ts';
import type { CommandRecipe, PLACES } from './recipe.ts';

/** Trains with any command: axolotl, open-instruct, a script of one's own. It works in the folder of the recipe. */
export const commandEngine: Engine<CommandRecipe> = {
  id: 'command',
  refusal: requireFileWeights,
  made: ({ name }) => ({ kind: 'trained', name }),
  isTrained: ({ name }, checkpoints) => isWhole(checkpoints, name),
  async prepare(job, { checkpoints }) {
    const { recipe, stage, name } = job;
    const folder = jobFolder(resolve(checkpoints), name);
    const parent = await parentOf(job, checkpoints);
    for (const [input, digest] of Object.entries(recipe.inputs))
      if (sourceDigest(resolve(recipe.folder, input)) !== digest)
        throw new InputError('this input of the training was changed since the study was read', {
          place: { file: resolve(recipe.folder, input) },
          remedy: 'Run the command again: a changed input makes another checkpoint.',
        });
    mkdirSync(folder, { recursive: true });
    const learns = Object.keys(recipe.mixture).length > 0;
    const written = learns ? writeOrder(folder, recipe) : null;
    const out = join(folder, 'out');
    const places: Record<(typeof PLACES)[number], string> = {
      parent: parent.path,
      adapter: parent.adapter ?? '',
      order: written?.file ?? '',
      out,
      job: folder,
      seed: String(recipe.seed),
      steps: String(recipe.steps),
    };
    const filled = recipe.command.map((word) =>
      word.replace(/\{(\w+)\}/g, (_, place: keyof typeof places) => places[place]),
    );
    // The command's own paths start at the recipe.
    const command = ['bash', '-c', 'cd "$1" && shift && exec "$@"', 'bash', recipe.folder, ...filled];
    rmSync(out, { recursive: true, force: true });
    return {
      kind: 'process',
      stage,
      folder,
      command,
      local: command,
      processes: recipe.processes,
      environment: recipe.environment,
      steps: recipe.steps,
      collect: collectTrained(job, checkpoints, parent, written),
    };
  },
};
