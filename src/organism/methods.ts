/*
 * How an organism is trained. Apart from index.ts, and loaded only when something is to be trained: this is what needs
 * jax-js, while asking an organism or drawing from its world does not.
 */
export { type PretrainRecipe, pretrain, SHIPPED_RECIPE } from './pretrain.ts';
export { type OrganismRlRecipe, rl } from './rl.ts';
export { type MixtureSource, type OrganismSftRecipe, sft } from './sft.ts';
export type { TrainingControl, TrainingProgress } from './training-loop.ts';
