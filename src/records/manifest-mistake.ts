import { circleFrom } from '../core/circle.ts';
import type { Manifest } from '../core/index.ts';

/**
 * What in a manifest of the right form can't be true of a run: somebody wrote it by hand.
 *
 * @returns where it is and what is wrong, or null
 */
export function manifestMistake({ stages, evals, raters, margins, analysis }: Manifest): string | null {
  const measures = evals.map(({ id, measures: own }) => [`the measures of ${id}`, own] as const);
  for (const [name, rows] of [...Object.entries({ stages, evals, raters }), ...measures]) {
    const twice = rows.find(({ id }, at) => rows.findIndex((row) => row.id === id) !== at);
    if (twice !== undefined) return `${name}: "${twice.id}" is there twice`;
  }
  const parents = new Map(stages.map(({ id, from }) => [id, from]));
  for (const [at, { id, from }] of stages.entries()) {
    if (from !== null && !parents.has(from)) return `stages[${at}].from: there is no stage "${from}"`;
    const circle = circleFrom(id, parents);
    if (circle !== null) {
      const round = [...circle, id].map((each) => `"${each}"`).join(' from ');
      return `stages[${at}].from: "${id}" comes from itself: ${round}`;
    }
  }
  for (const { id, measures } of evals) {
    const turned = measures.find(({ range: [bottom, top] }) => bottom > top);
    if (turned !== undefined) {
      return `the range of ${turned.id} in ${id} begins at ${turned.range[0]} and ends at ${turned.range[1]}`;
    }
  }
  const headline = analysis.headlineRater;
  if (headline !== null && !raters.some(({ id }) => id === headline)) {
    return `analysis.headlineRater: there is no rater "${headline}"`;
  }
  const declared = { default: margins.default, ...margins.byMeasure };
  const none = Object.entries(declared).find(([, margin]) => !(margin > 0));
  if (none !== undefined) return `margins: that of ${none[0]} must be above 0, not ${none[1]}`;
  const ratio = Object.entries(margins.ratios ?? {}).find(([, margin]) => !(margin > 1));
  return ratio === undefined ? null : `margins.ratios: that of ${ratio[0]} must be above 1, not ${ratio[1]}`;
}
