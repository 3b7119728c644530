export { checkedFilter, requireEpoch, type TrialFilter } from './filter.ts';
export { SampleLists, type TextTest } from './lists.ts';
export { renderSample, type ShownSample } from './render.ts';
export { type SampleTrials, sampleAt } from './sample-at.ts';
export { findSamples, readFirstSamples, readTrialTable, spokenText, transcriptsOf } from './samples.ts';
export { placeOfTrial, select, type TrialColumns } from './table.ts';
