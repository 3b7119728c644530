export type { TrainingProgress } from '../organism/methods.ts';
export {
  isTrained,
  organismFile,
  organismOpener,
  type TrainingJob,
  trainedName,
  trainOrganism,
} from './engines/train-organism.ts';
export { checkIdentity, type ServedGuard } from './identity/check-identity.ts';
export { isRedone, parseRedo, type Redo, requireRedone } from './identity/redo.ts';

export {
  isOneModel,
  partsInWords,
  ServedByStage,
  servedInWords,
} from './identity/served-by-stage.ts';
export { loadRecipe, type Recipe } from './recipe.ts';
export { weightsDigest } from './weights/weights-digest.ts';
