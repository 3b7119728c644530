import type { Engine } from '../engine.ts';
import type { OrganismRecipe } from './recipe.ts';
import { isTrained, trainOrganism } from './train-organism.ts';

/** The embedded organism is trained in this process. */
export const organismEngine: Engine<OrganismRecipe> = {
  id: 'organism',
  refusal: ({ kind }) => (kind === 'organism' ? null : 'is not an organism'),
  made: ({ name }) => ({ kind: 'organism', name }),
  isTrained: (job, checkpoints) => isTrained(job, checkpoints),
  prepare: async (job, { checkpoints }) => ({
    kind: 'in-process',
    run: (control) => trainOrganism(job, checkpoints, control),
  }),
};
