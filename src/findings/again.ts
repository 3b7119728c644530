import type { StageInfo } from '../core/index.ts';
import { counted, inSentence, listed } from '../format/index.ts';
import { betaCdf } from '../stats/index.ts';
import { isAnswering } from './among-answered.ts';
import type { AnsweredBy } from './answered-by.ts';
import type { Contrast } from './contrast-findings.ts';
import type { AgainArmFindings, AgainFindings, FindingsStage, MeasureFindings } from './findings.ts';
import { shownEquivalent } from './together.ts';

/** A 95 % interval leaves out what is true one time in twenty. */
const CHANCE = 0.05;

/** One A/A arm, with what can be said of it before any rating. */
export function againArm(
  { id: stage }: StageInfo,
  { id: again, atOnce }: StageInfo,
  answered: AnsweredBy,
): AgainArmFindings {
  if (atOnce === undefined) return { stage, again };
  return { stage, again, atOnce, answers: answered.sameAnswers(stage, again) };
}

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
  const titleOf = (stage: string) => stages.find(({ id }) => id === stage)?.title ?? stage;
  const found = different.map(
    ({ measure, contrast }) =>
      `${inSentence(measure.title)}${shownEquivalent(contrast) ? ' (within the margin)' : ''}`,
  );
  return {
    arms,
    ...counts,
    words: [inWords(arms, titleOf, counts, found), ...loadsInWords(arms, titleOf)].join(' '),
  };
}

function differs({ verdict }: Contrast): boolean {
  return verdict.startsWith('different') || verdict.endsWith('different');
}

/** P(X ≥ found) for X binomial: by the beta distribution. */
function tail(found: number, comparisons: number): number {
  return found === 0 ? 1 : betaCdf(CHANCE, found, comparisons - found + 1);
}

/** A sentence for each arm under another load: how many answers the load changed. */
function loadsInWords(arms: readonly AgainArmFindings[], titleOf: (stage: string) => string): string[] {
  return arms.flatMap(({ stage, atOnce, answers }) => {
    if (atOnce === undefined || answers === undefined) return [];
    const asked = `${titleOf(stage)} asked ${counted(atOnce, 'trial')} at once, with the same seeds`;
    if (answers.of === 0) return [`${asked}: no trial was answered both times.`];
    return [
      answers.same === answers.of
        ? `${asked}: all ${counted(answers.of, 'answer')} are the same to the letter, so the load changes nothing.`
        : `${asked}: ${answers.of - answers.same} of ${counted(answers.of, 'answer')} are not the same to the letter.`,
    ];
  });
}

function inWords(
  arms: readonly AgainArmFindings[],
  titleOf: (stage: string) => string,
  { comparisons, equivalent, inconclusive, different }: Omit<AgainFindings, 'arms' | 'words' | 'p'>,
  found: readonly string[],
): string {
  const titles = [...new Set(arms.map(({ stage }) => titleOf(stage)))];
  const loads = arms.filter(({ atOnce }) => atOnce !== undefined).length;
  const how =
    loads === 0
      ? 'asked from other seeds'
      : loads === arms.length
        ? 'asked under another load'
        : 'asked from other seeds or under another load';
  const who = `${listed(titles)} compared with ${titles.length === 1 ? 'itself' : 'themselves'}, ${how}`;
  if (comparisons === 0) return `${who}: nothing could be compared.`;
  const verdicts = [
    `${equivalent} of ${counted(comparisons, 'measure')} shown to be the same`,
    ...(inconclusive > 0 ? [`${inconclusive} not resolved`] : []),
    different === 0
      ? 'none found to differ'
      : `${different} found to differ by chance${loads === 0 ? '' : ' or by the load'}: ${listed(found)}`,
  ];
  return `${who}: ${listed(verdicts)}.`;
}
