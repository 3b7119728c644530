export { type ClusteredCovariance, clusteredCovariance } from './clustered-covariance.ts';
export { type ClusteredMean, clusteredMean } from './clustered-mean.ts';
export type { ClusterLabels } from './clusters.ts';
export { cohenKappa } from './cohen.ts';
export {
  betaCdf,
  betaQuantile,
  normalCdf,
  normalQuantile,
  studentTCdf,
  studentTQuantile,
} from './distributions.ts';
export { type FactorialValues, fullInteraction, mainEffects, shapley } from './factorial.ts';
export { type FiellerSet, fieller, type RatioCovariance } from './fieller.ts';
export { fleissKappa } from './fleiss.ts';
export { gwetAC1 } from './gwet-ac1.ts';
export { intersectionUnion } from './intersection-union.ts';
export type { Interval } from './interval.ts';
export { krippendorffAlpha, type MeasurementLevel } from './krippendorff.ts';
export { langReiczigel } from './lang-reiczigel.ts';
export { benjaminiHochberg, holm } from './p-adjust.ts';
export {
  type PairedPpiData,
  type PpiData,
  type PpiEstimate,
  type PpiOptions,
  ppiMean,
  ppiPaired,
} from './ppi.ts';
export { type JudgedCounts, type RoganGladen, roganGladen } from './rogan-gladen.ts';
export {
  type CarriedTest,
  carriedAtLeast,
  type StageChange,
  type StageShares,
  type StepShare,
  stageShares,
} from './stage-shares.ts';
export { mean, sum } from './sums.ts';
