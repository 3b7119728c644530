export type { TrainingControl, TrainingProgress } from '../organism/methods.ts';
export {
  checkpointFile,
  isTrained,
  organismFile,
  organismOpener,
  SHIPPED_BASE,
  type TrainingJob,
  trainedName,
  trainOrganism,
} from './engines/train-organism.ts';
export { checkIdentity, type IdentityCheck, type ServedGuard } from './identity/check-identity.ts';
export { isRedone, parseRedo, type Redo, requireRedone } from './identity/redo.ts';
export { type ServedName, sameServed } from './identity/same-served.ts';
export {
  isOneModel,
  partsInWords,
  ServedByStage,
  servedInWords,
} from './identity/served-by-stage.ts';
export { loadRecipe, type Recipe, recipeDigest } from './recipe.ts';
export { type DigestOptions, weightsDigest } from './weights/weights-digest.ts';
