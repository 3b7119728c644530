import { stratifiedPpiChanges } from '../stats/index.ts';
import { type Chain, refusalOf, refusedShares, sharesFound } from './chain-shares.ts';
import type { CorrectedShareFindings, ShareFindings } from './findings.ts';
import { doubtsOf, type Labelling, labelledArm, labelsOfAll, onSharedSamples } from './labelled-arm.ts';
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
  const arms = onSharedSamples(chain.map((stage) => labelledArm(labelling, stage)));
  const known = labelsOfAll(arms);
  const enough = enoughLabels(known);
  const facts = { n: new Set(arms[0]!.samples).size, clusters: new Set(arms[0]!.clusters).size };
  const shared = { labels: known.labelled.length, disagreements: known.disagreements };
  const refused = (why: string): CorrectedShareFindings => ({
    ...refusedShares(along, facts, why),
    ...shared,
    lambdas: null,
  });
  const raters = labelling.design === undefined ? [column, labelling.human] : [column];
  const [refusal] = raters.flatMap((rater) => refusalOf({ ...along, column: rater }, facts.n) ?? []);
  if (refusal !== undefined) return refused(refusal);
  if (shared.labels === 0) return refused('humans labelled nothing in one of the stages');
  const [bottom, top] = column.measure.range;
  const { changes, lambdas, thin } = stratifiedPpiChanges(arms, {
    pseudoError: top - bottom,
    ...(enough ? {} : { lambda: 0 }),
  });
  const doubts = doubtsOf(thin, arms[0]!, labelling.design);
  if (changes === null || thin.length > 0) return refused(doubts.join('; '));
  const whole = arms.every(({ human }) => human.every((value) => !Number.isNaN(value)));
  const remarks = [
    ...(whole ? ['humans labelled every sample'] : enough ? [] : [tooFewLabels(known)]),
    ...doubts,
  ];
  return {
    ...(sharesFound(along, changes) satisfies ShareFindings),
    ...shared,
    lambdas: enough || whole ? lambdas : null,
    ...(remarks.length === 0 ? {} : { remark: remarks.join('; ') }),
  };
}
