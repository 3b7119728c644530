export { checkedFilter, type TrialFilter } from './filter.ts';
export { renderSample, type ShownSample } from './render.ts';
export {
  findSamples,
  type SampleTrials,
  transcriptsOf,
} from './samples.ts';
