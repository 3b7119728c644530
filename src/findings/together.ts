import { counted, inSentence, listed, pInWords } from '../format/index.ts';
import { intersectionUnion } from '../stats/index.ts';
import { isAnswering } from './among-answered.ts';
import type { Contrast } from './contrast-findings.ts';
import type { FindingsStage, MeasureFindings, TogetherFindings } from './findings.ts';

/**
 * "The stages are the same on everything": for each pair of stages, whether all headline measures are equivalent at once.
 * Needs no adjustment for how many measures there are, and is as weak as the weakest of them.
 */
export function togetherOf(
  measures: readonly MeasureFindings[],
  stages: readonly FindingsStage[],
): TogetherFindings[] {
  const headlines = measures.filter((measure) => measure.headline && !isAnswering(measure));
  const pairs = headlines[0]?.contrasts ?? [];
  return pairs.map(({ from, to }) => {
    const contrasts = headlines.map((measure) => ({
      measure,
      contrast: contrastBetween(measure, from, to)!,
    }));
    const pValues = contrasts.map(({ contrast }) => contrast.pEquivalence);
    const p = pValues.some((one) => one === null) ? null : intersectionUnion(pValues as number[]);
    const notShown = contrasts.filter(({ contrast }) => !shownEquivalent(contrast));
    const title = (id: string) => stages.find((stage) => stage.id === id)?.title ?? id;
    return {
      from,
      to,
      measures: headlines.map(({ id }) => id),
      p,
      equivalent: notShown.length === 0,
      words: inWords(title(from), title(to), headlines.length, notShown, p),
    };
  });
}

export function contrastBetween(measure: MeasureFindings, from: string, to: string): Contrast | undefined {
  return measure.contrasts.find((contrast) => contrast.from === from && contrast.to === to);
}

/** Both say that the difference is within the margin; the second, that there is one. */
export function shownEquivalent({ verdict }: Contrast): boolean {
  return verdict === 'equivalent' || verdict === 'different but within the margin';
}

function inWords(
  from: string,
  to: string,
  measures: number,
  notShown: readonly { readonly measure: MeasureFindings; readonly contrast: Contrast }[],
  p: number | null,
): string {
  const all = measures === 1 ? 'the one headline measure' : `all ${measures} headline measures`;
  if (notShown.length === 0) {
    const together = p === null ? '' : ` (${pInWords(p)} for all at once)`;
    return `${to} and ${from} are the same within the margin on ${all}${together}.`;
  }
  const names =
    notShown.length > NAMED
      ? listed(byVerdict(notShown.map(({ contrast }) => contrast.verdict)))
      : listed(notShown.map(({ measure, contrast }) => `${inSentence(measure.title)} (${contrast.verdict})`));
  return `${to} and ${from} are not shown to be the same on ${counted(notShown.length, 'measure')} of ${measures}: ${names}.`;
}

/** Of more measures than these the verdicts are counted; which they are is in the table. */
const NAMED = 6;

function byVerdict(verdicts: readonly Contrast['verdict'][]): string[] {
  return [...Map.groupBy(verdicts, (verdict) => verdict)].map(
    ([verdict, { length }]) => `${length} ${verdict}`,
  );
}
