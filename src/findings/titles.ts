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

/** The title of the stage or rater with this id; the id where none has it. */
export function titleOf(
  named: readonly { readonly id: string; readonly title?: string }[],
  id: string,
): string {
  return named.find((one) => one.id === id)?.title ?? id;
}

/** The titles of the two stages of a contrast. */
export function namesOf(
  stages: Parameters<typeof titleOf>[0],
  { from, to }: { readonly from: string; readonly to: string },
): { readonly from: string; readonly to: string } {
  return { from: titleOf(stages, from), to: titleOf(stages, to) };
}
