export { compactRun } from './compact.ts';
export { firstFindings, noteFindings } from './findings-made.ts';
export { keepIndexed } from './keep-indexed.ts';
export {
  type FramedTrial,
  type JudgesSay,
  type LabelFrame,
  type LabelStratum,
  writeLabelFrame,
} from './label-frame.ts';
export { type LastSession, readLastSession, writeLastSession } from './last-session.ts';
export { lockedBy, tryLock } from './lock.ts';
export { contrastKey, looksTaken, noteLook, type SeenContrast, type TakenLook } from './looks-taken.ts';

export { holdsRun } from './manifest.ts';
export { openFolder, type RunComparison, untilClosed } from './open-folder.ts';

export { isPlainFolder, makePlainFolder } from './plain-file.ts';
export { roleOf } from './role.ts';
export type {
  DamagedLine,
  RatingRow,
  RunReader,
  RunWriter,
  TrialRow,
} from './run.ts';
export { openRun } from './run-reader.ts';
export { openRunWriter } from './run-writer.ts';
export type { SampleFile, SampleReader } from './sample-file.ts';
export { type Shard, shardOf } from './shard.ts';
