export type { RatingFilter, RatingRow, RunReader, RunWriter, TranscriptFilter, TrialRow } from './run.ts';
