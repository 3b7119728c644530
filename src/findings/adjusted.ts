import { benjaminiHochberg, holm } from '../stats/index.ts';
import { isAnswering } from './among-answered.ts';
import type { Contrast } from './contrast-findings.ts';
import type { MeasureFindings } from './findings.ts';

/**
 * Adds the adjusted p values of "no difference": Holm's over the headline measures of a pair of stages, Benjamini and
 * Hochberg's over every contrast of the findings.
 */
export function withAdjustedP(measures: readonly MeasureFindings[]): MeasureFindings[] {
  // Whether a stage answered is a condition of the other tests, and not one of them.
  const tested = measures.flatMap(({ headline, contrasts, ...measure }) =>
    (isAnswering(measure) ? [] : contrasts)
      .filter(({ pDifference }) => pDifference !== null)
      .map((contrast) => ({ headline, contrast })),
  );
  const screening = benjaminiHochberg(tested.map(({ contrast }) => contrast.pDifference!));
  const pBH = new Map(tested.map(({ contrast }, i) => [contrast, screening[i]!]));
  const pHolm = new Map<Contrast, number>();
  const headlines = tested.filter(({ headline }) => headline).map(({ contrast }) => contrast);
  for (const pair of Map.groupBy(headlines, ({ from, to }) => `${from} ${to}`).values()) {
    const strict = holm(pair.map(({ pDifference }) => pDifference!));
    pair.forEach((contrast, i) => {
      pHolm.set(contrast, strict[i]!);
    });
  }
  return measures.map((measure) => ({
    ...measure,
    contrasts: measure.contrasts.map((contrast) => ({
      ...contrast,
      ...(pHolm.has(contrast) ? { pHolm: pHolm.get(contrast)! } : {}),
      ...(pBH.has(contrast) ? { pBH: pBH.get(contrast)! } : {}),
    })),
  }));
}
