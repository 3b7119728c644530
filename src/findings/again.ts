import { counted, inSentence, listed } from '../format/index.ts';
import { betaCdf } from '../stats/index.ts';
import { isAnswering } from './among-answered.ts';
import type { AgainFindings, Contrast, FindingsStage, MeasureFindings } from './findings.ts';
import { shownEquivalent } from './together.ts';

/** A 95 % interval leaves out what is true one time in twenty. */
const CHANCE = 0.05;

/** The A/A arms of a run, put together; `undefined` where it has none. @param arms stages with the id of their arm */
export function againFindings(
  measures: readonly MeasureFindings[],
  stages: readonly FindingsStage[],
  arms: AgainFindings['arms'],
): AgainFindings | undefined {
  if (arms.length === 0) return undefined;
  const compared = measures.flatMap((measure) =>
    measure.headline && !isAnswering(measure)
      ? (measure.again ?? []).flatMap((contrast) =>
          contrast.verdict === 'not compared' ? [] : [{ measure, contrast }],
        )
      : [],
  );
  const among = (is: (contrast: Contrast) => boolean) => compared.filter(({ contrast }) => is(contrast));
  const different = among(differs);
  const counts = {
    comparisons: compared.length,
    equivalent: among(({ verdict }) => verdict === 'equivalent').length,
    inconclusive: among(({ verdict }) => verdict === 'inconclusive').length,
    different: different.length,
    p: compared.length === 0 ? null : tail(different.length, compared.length),
  };
  const titles = arms.map(({ stage }) => stages.find(({ id }) => id === stage)?.title ?? stage);
  const found = different.map(
    ({ measure, contrast }) =>
      `${inSentence(measure.title)}${shownEquivalent(contrast) ? ' (within the margin)' : ''}`,
  );
  return { arms, ...counts, words: inWords(titles, counts, found) };
}

function differs({ verdict }: Contrast): boolean {
  return verdict.startsWith('different') || verdict.endsWith('different');
}

/** P(X ≥ found) for X binomial: by the beta distribution. */
function tail(found: number, comparisons: number): number {
  return found === 0 ? 1 : betaCdf(CHANCE, found, comparisons - found + 1);
}

function inWords(
  titles: readonly string[],
  { comparisons, equivalent, inconclusive, different }: Omit<AgainFindings, 'arms' | 'words' | 'p'>,
  found: readonly string[],
): string {
  const who = `${listed(titles)} compared with ${titles.length === 1 ? 'itself' : 'themselves'}, asked from other seeds`;
  if (comparisons === 0) return `${who}: nothing could be compared.`;
  const verdicts = [
    `${equivalent} of ${counted(comparisons, 'measure')} shown to be the same`,
    ...(inconclusive > 0 ? [`${inconclusive} not resolved`] : []),
    different === 0 ? 'none found to differ' : `${different} found to differ by chance: ${listed(found)}`,
  ];
  return `${who}: ${listed(verdicts)}.`;
}
