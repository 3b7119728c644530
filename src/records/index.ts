export { firstFindings, noteFindings } from './findings-made.ts';
export {
  type FramedTrial,
  type JudgesSay,
  type LabelFrame,
  type LabelStratum,
  writeLabelFrame,
} from './label-frame.ts';
export { type LastSession, readLastSession, writeLastSession } from './last-session.ts';
export { type Comparison, openFolder, untilClosed } from './open-folder.ts';
export { isPlainFolder } from './plain-file.ts';
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
