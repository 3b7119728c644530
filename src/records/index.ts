export { firstFindings, noteFindings } from './findings-made.ts';
export {
  type FramedTrial,
  type JudgesSay,
  type LabelFrame,
  type LabelStratum,
  readLabelFrames,
  writeLabelFrame,
} from './label-frame.ts';
export { type LastSession, readLastSession, writeLastSession } from './last-session.ts';
export { type Comparison, openFolder, untilClosed } from './open-folder.ts';
export { isPlainFile, isPlainFolder, makePlainFolder } from './plain-file.ts';
export { type Role, roleOf } from './role.ts';
export type {
  DamagedLine,
  Losses,
  RatingFilter,
  RatingRow,
  RunReader,
  RunWriter,
  TranscriptFilter,
  TrialRow,
} from './run.ts';
export { openRun } from './run-reader.ts';
export { createRun, openRunWriter } from './run-writer.ts';
export type { SampleFile, SampleReader } from './sample-file.ts';
