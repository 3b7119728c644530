export {
  type FramedTrial,
  type JudgesSay,
  type LabelFrame,
  type LabelStratum,
  readLabelFrames,
  writeLabelFrame,
} from './label-frame.ts';
export { writeManifest } from './manifest.ts';
export { openFolder, untilClosed } from './open-folder.ts';
export type { RatingFilter, RatingRow, RunReader, RunWriter, TranscriptFilter, TrialRow } from './run.ts';
export { openRun } from './run-reader.ts';
export { createRun, openRunWriter } from './run-writer.ts';
