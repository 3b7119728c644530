/*
 * How an organism is trained. Apart from index.ts, and loaded only when something is to be trained: this is what needs
 * jax-js, while asking an organism or drawing from its world does not.
 */
export { type PretrainRecipe, pretrain, SHIPPED_RECIPE } from './pretrain.ts';
export { type OrganismRlRecipe, rl, rlPrompts } from './rl.ts';
export { type MixtureSource, type OrganismSftRecipe, sft, sftExamples } from './sft.ts';
export type { TrainingControl, TrainingProgress } from './training-loop.ts';
export { versions } from './versions.ts';
