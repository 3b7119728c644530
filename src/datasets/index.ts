export { type OdcvTranscript, parseOdcvTranscript } from './odcv-transcripts.ts';
export {
  type RefusalPrompt,
  readHarmBench,
  readOrBench,
  readStrongReject,
  readXstestPrompts,
} from './refusal-layouts.ts';
export {
  type ReadTableOptions,
  readTable,
  requireColumns,
  TABLE_FORMATS,
  type TableFormat,
  type TableRow,
} from './table.ts';
export { isAbsentFile } from './text-file.ts';
