export { clopperPearson } from './clopper-pearson.ts';
export {
  type Bootstrap,
  type BootstrapOptions,
  clusterBootstrap,
  clusterBootstrapMeans,
  clusterBootstrapOf,
} from './cluster-bootstrap.ts';
export { type ClusteredCovariance, clusteredCovariance } from './clustered-covariance.ts';
export { type ClusteredMean, clusteredMean } from './clustered-mean.ts';
export { type ClusteredRate, clusteredRate } from './clustered-rate.ts';
export { type ClusteredScore, clusteredScore } from './clustered-score.ts';
export { type ClusterLabels, type Clusters, clusterSums, readClusters } from './clusters.ts';
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
export { jeffreys } from './jeffreys.ts';
export { krippendorffAlpha, type MeasurementLevel } from './krippendorff.ts';
export { langReiczigel } from './lang-reiczigel.ts';
export { mcnemarExact, mcnemarMidP } from './mcnemar.ts';
export { newcombe } from './newcombe.ts';
export { benjaminiHochberg, holm } from './p-adjust.ts';
export {
  type PairedDifference,
  pairedDifference,
  tangoOnEffectiveN,
  tangoTost,
} from './paired-difference.ts';
export {
  type EquivalenceDesign,
  expectedPrecision,
  type PairedPlan,
  powerOfEquivalence,
  smallestProvableMargin,
} from './power.ts';
export {
  type PairedPpiData,
  type PpiData,
  type PpiEstimate,
  type PpiOptions,
  ppiMean,
  ppiPaired,
} from './ppi.ts';
export { type RandomSource, randomSource } from './random.ts';
export { type JudgedCounts, type RoganGladen, roganGladen } from './rogan-gladen.ts';
export { type SignFlip, signFlip } from './sign-flip.ts';
export {
  type CarriedTest,
  carriedAtLeast,
  type StageChange,
  type StageChanges,
  type StageShares,
  type StepShare,
  shareBootstrap,
  sharesOf,
  stageChanges,
  withUnseenChanges,
} from './stage-shares.ts';
export {
  type StratifiedPpiData,
  type StratifiedPpiEstimate,
  type StratifiedPpiOptions,
  stratifiedPpiMean,
  stratifiedPpiPaired,
} from './stratified-ppi.ts';
export { type StratifiedPpiChanges, stratifiedPpiChanges } from './stratified-ppi-changes.ts';
export { mean, sum } from './sums.ts';
export { tango, tangoScore } from './tango.ts';
export { smallestEquivalenceMargin, type Tost, tost } from './tost.ts';
export { type DifferenceVerdict, MINIMUM_CLUSTERS, VERDICTS, verdict } from './verdict.ts';
export { type WeightedRate, weightedRate } from './weighted-rate.ts';
export { wilson } from './wilson.ts';
