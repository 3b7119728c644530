export type { TrainingControl, TrainingProgress } from '../organism/methods.ts';
export { loadRecipe, type Recipe, recipeDigest } from './recipe.ts';
export {
  checkpointFile,
  isTrained,
  organismOpener,
  SHIPPED_BASE,
  type TrainingJob,
  trainedName,
  trainOrganism,
} from './train-organism.ts';
