export { checkedFilter, type TrialFilter } from './filter.ts';
export { renderSample, type ShownSample, type ShowOptions } from './render.ts';
export {
  findSamples,
  labelOf,
  type RatedTrial,
  type RatedValue,
  type SampleTrials,
  transcriptsOf,
} from './samples.ts';
