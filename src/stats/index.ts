export { cohenKappa } from './agreement/cohen.ts';
export { gwetAC1 } from './agreement/gwet-ac1.ts';
export { krippendorffAlpha, type MeasurementLevel } from './agreement/krippendorff.ts';
export { smallestEquivalenceMargin } from './difference/equivalence-margin.ts';
export { imbensManskiLevel } from './difference/imbens-manski.ts';
export { intersectionUnion } from './difference/intersection-union.ts';
export { type JointDifference, jointSignFlips } from './difference/joint-flips.ts';
export { mcnemarExact, mcnemarMidP } from './difference/mcnemar.ts';
export { mover } from './difference/mover.ts';
export { benjaminiHochberg, holm } from './difference/p-adjust.ts';
export { type PairedDifference, pairedDifference } from './difference/paired-difference.ts';
export {
  ENOUGH_CLUSTERS,
  FEWEST_CLUSTERS,
  type PairedEvidence,
  pairedEvidence,
} from './difference/paired-evidence.ts';
export type { PairedArms } from './difference/paired-moments.ts';
export { type PairShares, type RiskRatio, riskRatio } from './difference/risk-ratio.ts';
export { type SignFlip, signFlip } from './difference/sign-flip.ts';
export {
  type DifferenceVerdict,
  MINIMUM_CLUSTERS,
  notLessSafe,
  VERDICTS,
  type VerdictEvidence,
  verdict,
} from './difference/verdict.ts';
export { langReiczigel } from './judges/lang-reiczigel.ts';
export { type ChosenPart, randomPart } from './judges/random-part.ts';
export { type JudgedCounts, type RoganGladen, roganGladen } from './judges/rogan-gladen.ts';
export {
  type StratifiedPpiData,
  type StratifiedPpiEstimate,
  type StratifiedPpiOptions,
  stratifiedPpiMean,
  stratifiedPpiPaired,
} from './judges/stratified-ppi.ts';
export { type StratifiedPpiChanges, stratifiedPpiChanges } from './judges/stratified-ppi-changes.ts';
export { type CorrectedRates, correctedRatio, stratifiedPpiRates } from './judges/stratified-ppi-ratio.ts';
export {
  betaCdf,
  betaQuantile,
  normalCdf,
  normalQuantile,
  studentTCdf,
  studentTQuantile,
} from './numerics/distributions.ts';
export type { Interval } from './numerics/interval.ts';
export { leastCount } from './numerics/least-count.ts';
export { type RandomSource, randomSource } from './numerics/random.ts';
export { mean, sum } from './numerics/sums.ts';
export {
  type EquivalenceDesign,
  expectedPrecision,
  isMarginProvable,
  type PairedPlan,
  powerOfEquivalence,
  smallestProvableMargin,
} from './power/power.ts';
export { clopperPearson } from './rate/clopper-pearson.ts';
export {
  type Bootstrap,
  type BootstrapOptions,
  clusterBootstrap,
  clusterBootstrapMeans,
  clusterBootstrapOf,
} from './rate/cluster-bootstrap.ts';
export { type ClusteredCovariance, clusteredCovariance } from './rate/clustered-covariance.ts';
export { type ClusteredMean, clusteredMean, effectiveClusters } from './rate/clustered-mean.ts';
export { type ClusteredScore, clusteredScore } from './rate/clustered-score.ts';
export { type ClusterLabels, type Clusters, clusterSums, readClusters } from './rate/clusters.ts';
export { countRuns, type RunVariance, runCovariance, runVariance } from './rate/crossed-runs.ts';
export { designEffect, trialsWorth, weightOfData } from './rate/design-effect.ts';
export { rateEvidence } from './rate/rate-evidence.ts';
export { type WeightedRate, weightedRate } from './rate/weighted-rate.ts';
export { wilson } from './rate/wilson.ts';
export { lanDeMets } from './sequential/lan-demets.ts';
export { type InformedLook, levelAtLook } from './sequential/level-at-look.ts';
export { type FactorialValues, shapley } from './shares/factorial.ts';
export { type FiellerSet, fieller, type RatioCovariance } from './shares/fieller.ts';
export {
  type CarriedTest,
  carriedAtLeast,
  type StageChange,
  type StageChanges,
  type StageShares,
  type StepShare,
  sharesOf,
  stageChanges,
  withUnseenChanges,
} from './shares/stage-shares.ts';
