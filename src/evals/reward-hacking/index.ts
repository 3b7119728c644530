export { rewardHacking } from './eval.ts';
