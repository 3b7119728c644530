import { stratifiedPpiChanges } from '../stats/index.ts';
import { type Chain, refusalOf, refusedShares, sharesFound, withRuns } from './chain-shares.ts';
import type { ShareFindings } from './contrast-findings.ts';
import type { CorrectedShareFindings } from './label-findings.ts';
import {
  armsOnSharedSamples,
  type Labelling,
  labelsOfAll,
  remarksOn,
  whyNotCorrected,
} from './labelled-arm.ts';
import { enoughLabels, tooFewLabels } from './labels.ts';

/**
 * How the change along the chain divides among its steps, corrected by what humans said of some of the trials: of the
 * samples that the rater has a value for in all stages. With too few labels to learn its errors from, what the humans say
 * alone. Labels need not be of the same samples in all stages.
 *
 * @returns `undefined` for fewer than three stages
 */
export function correctedShares(along: Chain, labelling: Labelling): CorrectedShareFindings | undefined {
  const { column, chain } = along;
  if (chain.length < 3) return undefined;
  const arms = armsOnSharedSamples(labelling, chain);
  const known = labelsOfAll(arms);
  const enough = enoughLabels(known);
  const facts = { n: new Set(arms[0]!.samples).size, clusters: new Set(arms[0]!.clusters).size };
  const shared = known;
  const refused = (why: string): CorrectedShareFindings => ({
    ...refusedShares(along, facts, why),
    ...shared,
    lambdas: null,
  });
  const refusal = refusalOf(along, facts.n);
  if (refusal !== null) return refused(refusal);
  if (shared.labels === 0) return refused('nothing was labelled in one of the stages');
  const lacking = whyNotCorrected(arms);
  if (lacking !== null) return refused(lacking);
  const [bottom, top] = column.measure.range;
  const { changes, lambdas } = stratifiedPpiChanges(arms, {
    pseudoError: top - bottom,
    ...(enough ? {} : { lambda: 0 }),
  });
  if (changes === null) return refused('too few labels');
  const counted = withRuns(along, changes);
  if (typeof counted === 'string') return refused(counted);
  const whole = arms.every(({ given }) => given.every((value) => !Number.isNaN(value)));
  const remarks = [
    ...(whole ? ['every sample was labelled'] : enough ? [] : [tooFewLabels(known)]),
    ...remarksOn(arms, column.measure),
  ];
  return {
    ...(sharesFound(along, counted, changes.df) satisfies ShareFindings),
    ...shared,
    lambdas: enough || whole ? lambdas : null,
    ...(remarks.length === 0 ? {} : { remark: remarks.join('; ') }),
  };
}
