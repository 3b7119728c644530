export { type ClusteredMean, clusteredMean } from './clustered-mean.ts';
export type { ClusterLabels } from './clusters.ts';
export {
  betaCdf,
  betaQuantile,
  normalCdf,
  normalQuantile,
  studentTCdf,
  studentTQuantile,
} from './distributions.ts';
export type { Interval } from './interval.ts';
export { mean, sum } from './sums.ts';
