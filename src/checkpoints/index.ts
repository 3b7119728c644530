export type { TrainingProgress } from '../organism/methods.ts';
export type { TrainingJob, TrainingPlace } from './engines/engine.ts';
export { engineOf } from './engines/engines.ts';
export { sourceName } from './engines/job-folder.ts';
export { organismFile, organismOpener } from './engines/organism/train-organism.ts';
export { pythonPackages } from './engines/python-packages.ts';
export { trainingPackages } from './engines/trl/packages.ts';
export { checkIdentity, type ServedGuard } from './identity/check-identity.ts';
export { isRedone, parseRedo, type Redo, requireRedone } from './identity/redo.ts';

export {
  isOneModel,
  partsInWords,
  ServedByStage,
  servedInWords,
  servedNames,
} from './identity/served-by-stage.ts';
export { launcherFor } from './launchers/launcher-for.ts';
export { submitArray } from './launchers/slurm-array.ts';
export { supervise } from './launchers/supervise.ts';
export { readLineage, readOrganismLineage } from './lineage.ts';
export {
  type Changes,
  changedRecipe,
  changeSchema,
  changesAmount,
  HOLDS,
  type Hold,
} from './mixture/change.ts';
export { readRows, type SourceRow, sourceDigest } from './mixture/file-source.ts';
export { leakedSamples, textOfExample } from './mixture/leak.ts';
export { drawsOf, type FileMixture, type Learning } from './mixture/mixture.ts';
export type { StageTeacher } from './mixture/stage-teacher.ts';
export { type AskedSource, askedRows, askedSources, boundTeachers, withAnswers } from './mixture/teacher.ts';
export { promptOf, TeacherAnswers } from './mixture/teacher-answers.ts';
export { meanTokens, type TokenCounter, tokenCounter } from './mixture/tokens.ts';
export { loadRecipe, type Recipe, writtenRecipe } from './recipe.ts';
export type { ServedWeights } from './servers/server.ts';
export { type ServerEvent, StageServers } from './servers/stage-servers.ts';
export { outputTail } from './servers/start-server.ts';
export { startWatched, type WatchedProcess } from './servers/watchdog.ts';
export { type CheckpointSource, placeOf, trainedFolder } from './source.ts';
export { trainedName } from './trained-name.ts';
export { weightsDigest } from './weights/weights-digest.ts';
export { weightsFacts } from './weights/weights-facts.ts';
