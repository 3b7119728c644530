import type { Measure } from './measure.ts';

/** What is wrong with a margin that these measures share: one as wide as a measure's range. `null` where nothing is. */
export function tooWideMargin(
  margin: number,
  measures: readonly Measure[],
): { readonly message: string; readonly remedy: string } | null {
  const tooNarrow = measures.find(
    ({ range: [low, high], rangeOf }) => rangeOf === undefined && margin >= high - low,
  );
  if (tooNarrow === undefined) return null;
  const [low, high] = tooNarrow.range;
  const remedy =
    tooNarrow.kind === 'rate' && margin <= 100
      ? `Rates go from 0 to 1: ${margin} points are ${Number((margin / 100).toPrecision(6))}.`
      : `Choose a margin below ${high - low}: with this one, everything would be the same.`;
  return {
    message: `a margin of ${margin} spans the whole range of ${tooNarrow.id} (${low} to ${high})`,
    remedy,
  };
}
