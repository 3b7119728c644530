import type { Contrast, Missing } from '../../findings/contrast-findings.ts';
import type { MeasureFindings } from '../../findings/findings.ts';
import { count, counted, inSentence, labelInWords, listed, NONE } from '../../format/index.ts';
import { isMeasured } from '../outline.ts';
import { type Block, heading, numbers, paragraph, words } from './block.ts';
import { detail, type MeasureScope } from './scope.ts';

/** Why a trial has no value, in the order in which it could come about: as the title of a column, and behind a number. */
const REASONS: readonly (readonly [
  reason: keyof Omit<Missing, 'trials' | 'worstCase' | 'labelsAlone'>,
  title: string,
  words?: string,
])[] = [
  ['notRun', 'not run'],
  ['errors', 'failed'],
  ['empty', 'empty answer', 'with an empty answer'],
  ['notRated', 'not rated'],
  ['unparsed', 'unparsed'],
  ['refused', 'rater declined', 'declined by the rater'],
  ['raterErrors', 'rater failed', 'on which the rater failed'],
  ['ties', 'panel undecided', 'on which the panel was undecided'],
];

/** Trials without a value for one reason: the title of its column, and the reason behind a number ("3 failed"). */
interface Lost {
  readonly title: string;
  readonly words: string;
  readonly times: number;
}

/** How often a stage has no value for each reason, in the order of the reasons; those that did not come about are left out. */
export function lostBy(missing: Missing): readonly Lost[] {
  return [
    ...REASONS.map(([reason, title, words = title]) => ({ title, words, times: missing[reason] ?? 0 })),
    ...Object.entries(missing.labelsAlone ?? {}).map(([label, times]) => {
      const title = `answer "${labelInWords(label)}"`;
      return { title, words: `with the ${title}`, times };
    }),
  ].filter(({ times }) => times > 0);
}

/** What has no value, and how far it could move the estimates and the verdicts. */
export function missing(scope: MeasureScope): Block[] {
  const { measure, notation, name, pair, number } = scope;
  const title = heading(4, 'Missing values');
  if (!hasMissing(measure))
    return isMeasured(measure) ? [title, paragraph('Every trial has a value.', { page: true })] : [];
  const byStage = measure.stages.map(({ missing: lacking }) => lostBy(lacking));
  const lost = [...Map.groupBy(byStage.flat(), ({ title }) => title).values()]
    .map((all) => ({ ...all[0]!, times: all.reduce((sum, { times }) => sum + times, 0) }))
    .sort((a, b) => rank(a) - rank(b));
  const total = measure.stages.reduce((sum, stage) => sum + stage.missing.trials, 0);
  const why = listed(lost.map(({ words, times }) => `${count(times)} ${words}`));
  return [
    title,
    paragraph(`${counted(total, 'trial')} without a value: ${why}. ${robustness(measure, pair)}`),
    ...tippingPoints(scope),
    detail(scope, 'Table of missing values, with the worst case', {
      kind: 'table',
      caption: `Trials without a value of ${inSentence(measure.title)}, and where the estimates could lie if all of them had come out one way`,
      columns: [
        words('Stage'),
        ...lost.map(({ title }) => numbers(title)),
        numbers('all', { strong: true }),
        numbers('Estimate'),
        numbers('Worst case'),
      ],
      rows: measure.stages.map((stage, index) => ({
        about: { stage: stage.id },
        cells: [
          name(stage.id),
          ...lost.map(({ title }) => count(byStage[index]!.find((one) => one.title === title)?.times ?? 0)),
          [number('missing', count(stage.missing.trials))],
          notation.value(stage.estimate),
          stage.missing.worstCase === null
            ? NONE
            : [number('missing', notation.interval(stage.missing.worstCase))],
        ],
      })),
    }),
  ];
}

/** Reasons come in their order, and labels without a value behind them. */
function rank({ title }: Lost): number {
  const at = REASONS.findIndex(([, its]) => its === title);
  return at === -1 ? REASONS.length : at;
}

/** How different missing answers would have to be for a verdict to be another one. */
function tippingPoints({ measure, notation, name, pair }: MeasureScope): Block[] {
  const tipping = measure.contrasts.flatMap((contrast) => {
    const at = contrast.lostAnswers?.tippingPoint;
    if (at === undefined || at === null) return [];
    return [
      `${pair(contrast)} if they were on average ${notation.value(at.from)} in ${name(contrast.from)} and ${notation.value(at.to)} in ${name(contrast.to)}`,
    ];
  });
  if (tipping.length === 0 || tipping.length > 6) return [];
  return [
    paragraph(`The missing answers would change the verdict taken by itself on ${listed(tipping)}.`, {
      tone: 'soft',
    }),
  ];
}

/** Whether any trial of any stage has no value. */
export function hasMissing(measure: MeasureFindings): boolean {
  return measure.stages.some((stage) => stage.missing.trials > 0);
}

/** What the missing values could change: the verdicts that were reached, and the comparisons that are open. */
export function robustness({ contrasts }: MeasureFindings, pairOf: (pair: Contrast) => string): string {
  const compared = contrasts.filter(({ verdict }) => verdict !== 'not compared');
  if (compared.length === 0) return 'Nothing could be compared.';
  const named = (pairs: readonly Contrast[]) =>
    pairs.length > 4 ? counted(pairs.length, 'comparison') : listed(pairs.map(pairOf));
  const reached = compared.filter(({ verdict }) => verdict !== 'inconclusive');
  const fragile = reached.filter(({ robustToMissing }) => robustToMissing === false);
  const open = (robust: boolean | null) =>
    compared.filter(
      ({ verdict, robustToMissing }) => verdict === 'inconclusive' && robustToMissing === robust,
    );
  const verdicts =
    reached.length > 1
      ? `All ${count(reached.length)} verdicts`
      : `The verdict${compared.length > 1 ? ` on ${named(reached)}` : ''}`;
  const said = [
    [
      fragile,
      `The verdict on ${named(fragile)} could be another one if all missing values had come out one way.`,
    ],
    [fragile.length === 0 ? reached : [], `${verdicts} would stand whatever the missing values were.`],
    [open(true), `Open with or without them: ${named(open(true))}.`],
    [open(false), `Open, but not if all missing values had come out one way: ${named(open(false))}.`],
    [open(null), `Open for lack of clusters: ${named(open(null))}.`],
  ] as const;
  return said
    .filter(([pairs]) => pairs.length > 0)
    .map(([, sentence]) => sentence)
    .join(' ');
}
