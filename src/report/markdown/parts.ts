import type { Contrast, MeasureFindings, ShareFindings } from '../../findings/findings.ts';
import {
  coefficient,
  count,
  counted,
  fixed,
  listed,
  NONE,
  type Notation,
  percent,
  percentInterval,
  pInWords,
  pValue,
} from '../../format/index.ts';
import { hasMissing, REASONS, robustness, samplesOfShares } from '../missingness.ts';
import { areFew, reasonsAt, reasonsBehind, tally, VERDICT_SHAPES } from '../outline.ts';
import { sensitivityInWords } from '../sensitivity.ts';
import { folded, table, text } from './text.ts';

/** A stage's name, as Markdown. */
export type NameOf = (id: string) => string;

export function estimates(measure: MeasureFindings, notation: Notation, name: NameOf): string {
  const rows = measure.stages.map((stage) => [
    name(stage.id),
    `**${notation.value(stage.estimate)}**`,
    notation.interval(stage.interval),
    count(stage.n),
    count(stage.clusters),
    count(stage.trials),
    count(stage.missing.trials),
  ]);
  return table(['Stage', 'Estimate', '95% interval', 'Samples', 'Clusters', 'Trials', 'Missing'], rows);
}

export function differences(measure: MeasureFindings, notation: Notation, name: NameOf): string | null {
  const { contrasts } = measure;
  if (contrasts.length === 0) return null;
  const unit = notation.unit ? `, ${notation.unit}` : '';
  const rows = contrasts.map((contrast) => [
    pair(contrast, name),
    verdict(contrast),
    `**${notation.change(contrast.difference)}**`,
    notation.changeInterval(contrast.interval),
    pValue(contrast.pEquivalence),
    notation.within(contrast.smallestMargin),
  ]);
  const head = [
    'Comparison',
    { words: `Verdict at ±${notation.size(contrasts[0]!.margin)}` },
    `Difference${unit}`,
    '95% interval',
    'p of equivalence',
    'Smallest margin shown',
  ];
  const listing = table(head, rows);
  if (areFew(contrasts, measure.stages)) {
    const notes = reasonsBehind(contrasts, name);
    return [listing, ...notes].join('\n\n');
  }
  const times = tally(contrasts).map(({ verdict: reached, times: n }) => `${n} ${reached}`);
  return `${contrasts.length} pairs: ${times.join(', ')}.\n\n${folded(`All ${contrasts.length} differences`, listing)}`;
}

export function shares(measure: MeasureFindings, notation: Notation, name: NameOf): string | null {
  if (measure.shares === undefined) return null;
  return sharesTold(measure, measure.shares, {
    notation,
    name,
    change: 'Change',
    share: 'Share',
    whole: 'The whole change',
  });
}

function correctedShares(measure: MeasureFindings, notation: Notation, name: NameOf): string {
  const shares = measure.corrected?.shares;
  if (shares === undefined) return '';
  const [change, share, whole] = ['Corrected change', 'Corrected share', 'Corrected, the whole change'];
  const told = sharesTold(measure, shares, { notation, name, change, share, whole });
  return `\n\n${told}${shares.remark === undefined ? '' : `\n\nShares: ${text(shares.remark)}.`}`;
}

function sharesTold(
  measure: MeasureFindings,
  found: ShareFindings,
  words: {
    readonly notation: Notation;
    readonly name: NameOf;
    readonly change: string;
    readonly share: string;
    readonly whole: string;
  },
): string {
  const { notation, name } = words;
  const total = `${words.whole} from ${name(found.from)} to ${name(found.to)} is ${notation.changeInWords(found.total)} ${notation.changeInterval(found.totalInterval)}${samplesOfShares(measure, found)}.`;
  const why = found.identified ? '' : `${words.share} not identified: ${text(found.why ?? '')}.`;
  if (found.total === null) return why;
  const whole = [total, why].filter((part) => part !== '').join(' ');
  if (found.parts.length === 0) return whole;
  const rows = found.parts.map((part) => [
    pair(part, name),
    notation.change(part.change),
    notation.changeInterval(part.changeInterval),
    ...(found.identified
      ? [`**${percent(part.share)}**`, part.interval === null ? 'unbounded' : percentInterval(part.interval)]
      : []),
  ]);
  const head = [
    'Step',
    `${words.change}${notation.unit ? `, ${notation.unit}` : ''}`,
    '95% interval',
    ...(found.identified ? [words.share, '95% interval'] : []),
  ];
  return `${whole}\n\n${table(head, rows)}`;
}

export function missing(measure: MeasureFindings, notation: Notation, name: NameOf): string | null {
  if (!hasMissing(measure)) return null;
  const stages = measure.stages
    .filter(({ missing: lost }) => lost.trials > 0)
    .map(({ id, missing: lost }) => {
      const reasons = REASONS.filter(([reason]) => (lost[reason] ?? 0) > 0).map(
        ([reason, words]) => `${count(lost[reason] ?? 0)} ${words}`,
      );
      const worst =
        lost.worstCase === null ? '' : `, so the estimate could lie in ${notation.interval(lost.worstCase)}`;
      return `${name(id)} lacks ${counted(lost.trials, 'value')} (${listed(reasons)})${worst}`;
    });
  return `Missing: ${stages.join('; ')}. ${robustness(measure, name)}`;
}

function share(value: number | null, interval: readonly [number, number] | null): string {
  return interval === null ? percent(value) : `${percent(value)} ${percentInterval(interval)}`;
}

export function corrected(measure: MeasureFindings, notation: Notation, name: NameOf): string | null {
  const { corrected: found, rater } = measure;
  if (found === undefined) return null;
  const rows = found.stages.map((stage) => [
    name(stage.id),
    notation.value(stage.raw),
    `**${notation.value(stage.estimate)}**`,
    notation.interval(stage.interval),
    count(stage.labels),
    count(stage.disagreements),
    share(stage.sensitivity, stage.sensitivityInterval),
    share(stage.specificity, stage.specificityInterval),
  ]);
  const differing = found.contrasts
    .filter(({ errorP }) => errorP !== null && errorP < 0.05)
    .map(
      (contrast) =>
        `${pair(contrast, name)} (${notation.changeInWords(contrast.errorDifference)}, ${pInWords(contrast.errorP!)})`,
    );
  const mistakes =
    differing.length === 0
      ? ''
      : `\n\n**The mistakes of ${text(rater)} differ by stage:** ${differing.join('; ')}.`;
  const head = [
    'Stage',
    'As rated',
    `Corrected by ${text(found.human)}`,
    '95% interval',
    'Labels',
    'Disagree',
    'Sensitivity',
    'Specificity',
  ];
  const notes = reasonsAt(found.stages, name).map((note) => `\n\n${note}`);
  return `${table(head, rows)}${notes.join('')}${correctedDifferences(found, notation, name)}${correctedShares(measure, notation, name)}${mistakes}`;
}

function correctedDifferences(
  { contrasts }: MeasureFindings['corrected'] & object,
  notation: Notation,
  name: NameOf,
): string {
  const known = contrasts.filter(({ difference }) => difference !== null);
  if (known.length === 0) return '';
  const rows = known.map((contrast) => [
    pair(contrast, name),
    `**${notation.change(contrast.difference)}**`,
    notation.changeInterval(contrast.interval),
    contrast.verdict,
  ]);
  return `\n\n${table(['Comparison', 'Corrected difference', '95% interval', 'Verdict'], rows)}`;
}

export function agreement({ agreement: found }: MeasureFindings, name: NameOf): string | null {
  if (found === undefined) return null;
  const ac1 = found.ac1 === null ? '' : `; Gwet's AC1 ${coefficient(found.ac1)}`;
  const alpha = `Agreement of ${text(listed(found.raters))} on ${counted(found.units, 'trial')}: Krippendorff's alpha (${text(found.level)}) ${coefficient(found.alpha)}${ac1}.`;
  const raters = [...new Set(found.pairs.map(({ rater }) => rater))];
  const stages = [...new Set(found.pairs.map(({ stage }) => stage))];
  if (raters.length === 0) return alpha;
  const rows = stages.map((stage) => [
    name(stage),
    ...raters.map((rater) => {
      const same = found.pairs.find((one) => one.stage === stage && one.rater === rater);
      if (same === undefined || same.agreement === null) return NONE;
      return `${percent(same.agreement)}${same.kappa === null ? '' : ` (κ ${coefficient(same.kappa)})`}`;
    }),
  ]);
  return `${alpha}\n\n${table(['Same value as', ...raters.map(text)], rows)}`;
}

/** How much a panel's findings hang on who sits on it. */
export function sensitivity(
  { sensitivity: found, stages }: MeasureFindings,
  notation: Notation,
  name: NameOf,
): string | null {
  if (found === undefined) return null;
  const rows = found.stages.map(({ id, without, range }) => [
    name(id),
    notation.value(stages.find((stage) => stage.id === id)?.estimate ?? null),
    ...without.map(({ estimate }) => notation.value(estimate)),
    range === null ? NONE : notation.interval(range),
  ]);
  const head = ['Stage', 'All judges', ...found.judges.map((judge) => `Without ${text(judge)}`), 'Range'];
  return `${text(sensitivityInWords(found))}\n\n${table(head, rows)}`;
}

/** What stands behind each number: folded, for those who check. */
export function computed(measure: MeasureFindings, notation: Notation, name: NameOf): string {
  const stages = measure.stages.map((stage) => [
    name(stage.id),
    notation.exactly.value(stage.estimate),
    notation.exactly.interval(stage.interval),
    notation.exactly.size(stage.standardError),
    stage.degreesOfFreedom === null ? NONE : fixed(stage.degreesOfFreedom, 1),
    stage.effectiveN === null ? NONE : fixed(stage.effectiveN, 1),
    notation.exactly.value(stage.atMost ?? null),
    notation.exactly.interval(stage.bootstrap?.interval ?? null),
    text(stage.method),
  ]);
  const contrasts = measure.contrasts.map((contrast) => [
    pair(contrast, name),
    count(contrast.n),
    count(contrast.clusters),
    notation.exactly.change(contrast.difference),
    notation.exactly.size(contrast.standardError),
    contrast.degreesOfFreedom === null ? NONE : fixed(contrast.degreesOfFreedom, 1),
    notation.exactly.changeInterval(contrast.interval90),
    notation.exactly.changeInterval(contrast.tango?.interval90 ?? null),
    pValue(contrast.pDifference),
    pValue(contrast.signFlip?.p),
    notation.exactly.changeInterval(contrast.worstCase),
    text(contrast.method),
  ]);
  const tables = [
    table(
      [
        'Stage',
        'Estimate',
        '95% interval',
        'Standard error',
        'df',
        'Effective n',
        'At most',
        'Bootstrap 95%',
        { words: 'Method' },
      ],
      stages,
    ),
    contrasts.length > 0 &&
      table(
        [
          'Comparison',
          'Shared samples',
          'Clusters',
          'Difference',
          'Standard error',
          'df',
          '90% interval',
          'Tango 90%',
          'p of no difference',
          'p, sign-flip',
          'Worst case',
          { words: 'Method' },
        ],
        contrasts,
      ),
  ];
  return folded('How these numbers were computed', tables.filter((one) => one !== false).join('\n\n'));
}

export function pair({ from, to }: { readonly from: string; readonly to: string }, name: NameOf): string {
  return `${name(from)} → ${name(to)}`;
}

export function verdict({ verdict: reached }: Contrast): string {
  return `${VERDICT_SHAPES[reached]} ${reached}`;
}
