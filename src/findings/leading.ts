import { definedOnly } from '../core/defined-only.ts';
import { noteDifferences } from './contrast.ts';
import type { Contrast, RawContrast, ShareFindings, StageEstimate } from './contrast-findings.ts';
import { correctedDifferencesOf, valuesOf } from './corrected-contrast.ts';
import type { FindingsStage, MeasureFindings } from './findings.ts';
import type { CorrectedContrast, CorrectedFindings } from './label-findings.ts';
import { branchesOf } from './lineage.ts';
import { namesOf } from './titles.ts';
import { verdictInWords } from './words.ts';

/**
 * Where labels suffice to correct a headline measure, what they come to leads: its estimates, contrasts and shares are the
 * corrected ones, with the rater's own beside them as `raw`. So the answer, the first table, the figures and "all at once"
 * follow them. What labels do not suffice for stays as it was rated.
 */
export function withLabelsLeading(
  measures: readonly MeasureFindings[],
  stages: readonly FindingsStage[],
): MeasureFindings[] {
  return measures.map((measure) => {
    const { corrected, headline } = measure;
    if (!headline || corrected === undefined) return measure;
    const contrasts = measure.contrasts.map((contrast, i) =>
      leadingContrast(measure, contrast, corrected.contrasts[i]!, corrected.labeller, stages),
    );
    const leads = contrasts.some(({ raw }) => raw !== undefined);
    return {
      ...measure,
      stages: measure.stages.map((stage, i) => leadingEstimate(stage, corrected, i)),
      contrasts,
      ...(leads ? leadingShares(measure, corrected) : {}),
    };
  });
}

function leadingEstimate(
  stage: StageEstimate,
  { method, stages }: CorrectedFindings,
  index: number,
): StageEstimate {
  const found = stages[index]!;
  if (found.estimate === null || found.interval === null) return stage;
  const { id, n, clusters, trials, labels, missing } = stage;
  const { estimate, interval, standardError, degreesOfFreedom, method: rated } = stage;
  return {
    ...{ id, n, clusters, trials },
    ...{ estimate: found.estimate, interval: found.interval, method },
    ...{ standardError: null, degreesOfFreedom: null, effectiveN: null },
    ...(labels === undefined ? {} : { labels }),
    missing,
    raw: { estimate, interval, standardError, degreesOfFreedom, method: rated },
  };
}

function leadingContrast(
  measure: MeasureFindings,
  contrast: Contrast,
  found: CorrectedContrast,
  labeller: string,
  stages: readonly FindingsStage[],
): Contrast {
  if (found.interval === null) return contrast;
  const { from, to, n, clusters, unpaired, margin, marginSource, ratioMargin } = contrast;
  const said = {
    ...{ from, to, n, clusters, unpaired, margin, marginSource },
    ...(ratioMargin === undefined ? {} : { ratioMargin }),
    ...valuesOf(found),
    effectiveClusters: found.degreesOfFreedom === null ? null : 1 + found.degreesOfFreedom,
    method: `corrected by labels${found.remark === undefined ? '' : ` (${found.remark})`}`,
    worstCase: contrast.worstCase,
    robustToMissing:
      found.reason === 'missing answers' || found.condition !== undefined ? false : contrast.robustToMissing,
    raw: rawOf(contrast, found.labels, labeller),
  };
  const words = verdictInWords(measure, namesOf(stages, contrast), said);
  const leading = { ...said, words };
  const differences = correctedDifferencesOf(found);
  if (differences !== undefined) noteDifferences(leading, differences);
  return leading;
}

function rawOf(contrast: Contrast, labels: number, labeller: string): RawContrast {
  const { difference, interval, interval90, pDifference, pEquivalence, verdict, direction, words } = contrast;
  const { reason, why, level } = contrast;
  return {
    ...{
      labels,
      labeller,
      difference,
      interval,
      interval90,
      pDifference,
      pEquivalence,
      verdict,
      direction,
      words,
    },
    ...definedOnly({ level, reason, why }),
  };
}

/** Shares are corrected as a whole; where labels do not suffice for that, they say so, as no share of other changes would fit. */
function leadingShares(
  { shares, branches }: MeasureFindings,
  corrected: CorrectedFindings,
): Pick<MeasureFindings, 'shares' | 'branches'> {
  const fixed = branchesOf(corrected);
  const lead = (raw: ShareFindings) => {
    const found = fixed.find(({ from, to }) => from === raw.from && to === raw.to);
    return found === undefined ? raw : sharesBeside(found, raw);
  };
  return {
    ...(shares === undefined ? {} : { shares: lead(shares) }),
    ...(branches === undefined ? {} : { branches: branches.map(lead) }),
  };
}

function sharesBeside(found: ShareFindings, raw: ShareFindings): ShareFindings {
  const { from, to, n, clusters, total, totalInterval, identified, why, carriers, opposed, parts } = found;
  return {
    ...{ from, to, n, clusters, total, totalInterval, identified, carriers, opposed },
    ...(why === undefined ? {} : { why }),
    raw,
    parts,
  };
}
