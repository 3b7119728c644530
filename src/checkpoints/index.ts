export type { TrainingProgress } from '../organism/methods.ts';
export type { TrainingJob, TrainingPlace } from './engines/engine.ts';
export { engineOf } from './engines/engines.ts';
export { organismFile, organismOpener } from './engines/organism/train-organism.ts';
export { trainingPackages } from './engines/trl/packages.ts';
export { checkIdentity, type ServedGuard } from './identity/check-identity.ts';
export { isRedone, parseRedo, type Redo, requireRedone } from './identity/redo.ts';

export {
  isOneModel,
  partsInWords,
  ServedByStage,
  servedInWords,
} from './identity/served-by-stage.ts';
export { launcherFor } from './launchers/launcher-for.ts';
export { submitArray } from './launchers/slurm-array.ts';
export { supervise } from './launchers/supervise.ts';
export { readLineage } from './lineage.ts';
export {
  type Changes,
  changedRecipe,
  changeSchema,
  changesAmount,
  HOLDS,
  type Hold,
} from './mixture/change.ts';
export { readRows, type SourceRow } from './mixture/file-source.ts';
export { leakedSamples, textOfExample } from './mixture/leak.ts';
export { drawsOf, type FileMixture, type Learning } from './mixture/mixture.ts';
export { meanTokens, type TokenCounter, tokenCounter } from './mixture/tokens.ts';
export { loadRecipe, type Recipe, writtenRecipe } from './recipe.ts';
export type { ServedWeights } from './servers/server.ts';
export { type ServerEvent, StageServers } from './servers/stage-servers.ts';
export { type CheckpointSource, placeOf, trainedFolder } from './source.ts';
export { trainedName } from './trained-name.ts';
export { isHubRef, parseHubRef } from './weights/hub.ts';
export { weightsDigest } from './weights/weights-digest.ts';
export { weightsFacts } from './weights/weights-facts.ts';
