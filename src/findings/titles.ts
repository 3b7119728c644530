import type { MeasureFindings } from './findings.ts';

/**
 * Measures with titles that tell them apart: where two measures have one title, each is followed by its eval, or by its
 * id where the eval is the same too.
 */
export function distinctTitles(measures: readonly MeasureFindings[]): MeasureFindings[] {
  const byTitle = Map.groupBy(measures, ({ title }) => title);
  return measures.map((measure) => {
    const alike = byTitle
      .get(measure.title)!
      .filter(({ id, eval: name }) => id !== measure.id || name !== measure.eval);
    if (alike.length === 0) return measure;
    const sameEval = alike.some((other) => other.eval === measure.eval);
    return { ...measure, title: `${measure.title} (${sameEval ? measure.id : measure.eval})` };
  });
}
