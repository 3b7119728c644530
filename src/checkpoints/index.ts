export type { TrainingControl, TrainingProgress } from '../organism/methods.ts';
export {
  checkpointFile,
  isTrained,
  organismOpener,
  SHIPPED_BASE,
  type TrainingJob,
  trainedName,
  trainOrganism,
} from './engines/train-organism.ts';
export { loadRecipe, type Recipe, recipeDigest } from './recipe.ts';
