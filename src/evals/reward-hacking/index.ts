export { rewardHacking } from './eval.ts';
export { rewardHackingMeasures } from './measures.ts';
