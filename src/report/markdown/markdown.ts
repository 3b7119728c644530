import type { Contrast, Findings, MeasureFindings } from '../../findings/findings.ts';
import { METHODS } from '../methods.ts';
import { hasMissing, REASONS, robustness } from '../missingness.ts';
import {
  coefficient,
  count,
  counted,
  fixed,
  listed,
  NONE,
  type Notation,
  notationOf,
  percent,
  percentInterval,
  pInWords,
  pValue,
} from '../notation.ts';
import {
  groupsOf,
  type MeasureGroup,
  MOST_LISTED,
  mainContrasts,
  reasonsBehind,
  stageFinder,
  tally,
  VERDICT_SHAPES,
} from '../outline.ts';
import { folded, table, text } from './text.ts';

type NameOf = (id: string) => string;

/**
 * The findings as Markdown with tables, for an appendix or a comment on a pull request: the answer, the verdicts, then each
 * measure, and how the numbers were computed. The same findings give the same text.
 */
export function renderMarkdown(findings: Findings): string {
  const stageOf = stageFinder(findings);
  const name = (id: string) => text(stageOf(id).title);
  const groups = groupsOf(findings);
  const sections = [
    `# ${text(findings.run)}`,
    `**${text(findings.answer)}**`,
    facts(findings),
    findings.warnings.length > 0 && findings.warnings.map((warning) => `> - ${text(warning)}`).join('\n'),
    groups.length > 0 && inShort(findings, groups, name),
    ...groups.flatMap((group) => measureSection(group, name)),
    together(findings),
    methods(findings),
  ];
  return `${sections.filter((section) => typeof section === 'string' && section !== '').join('\n\n')}\n`;
}

function facts({ trials, origin, stages, version }: Findings): string {
  const failed = trials.errors > 0 ? `, ${count(trials.errors)} failed` : '';
  const done = `${counted(stages.length, 'stage')}; ${count(trials.completed + trials.limit)} of ${counted(trials.planned, 'trial')} completed${failed}.`;
  const sources = [origin.source, origin.citation].filter((part) => part !== undefined);
  const from = origin.kind === 'import' ? ` Results that others published: ${text(listed(sources))}.` : '';
  return `${done}${from} Drawn by stemma from findings of format version ${version}.`;
}

function inShort(findings: Findings, groups: readonly MeasureGroup[], name: NameOf): string {
  const rows = groups.flatMap(({ headline }) => {
    const notation = notationOf(headline);
    const contrasts = mainContrasts(findings, headline);
    if (contrasts.length === 0) {
      const times = tally(headline.contrasts).map(({ verdict, times: n }) => `${n} ${verdict}`);
      return [[text(headline.title), counted(headline.contrasts.length, 'pair'), times.join(', '), '', '']];
    }
    return contrasts.map((contrast) => [
      text(headline.title),
      pair(contrast, name),
      verdict(contrast),
      notation.changeInWords(contrast.difference),
      notation.changeInterval(contrast.interval),
    ]);
  });
  return `## In short\n\n${table(['Measure', { words: 'Comparison' }, { words: 'Verdict' }, 'Difference', '95% interval'], rows)}`;
}

function measureSection({ headline, others }: MeasureGroup, name: NameOf): string[] {
  const direction = headline.safer === 'lower' ? 'Lower' : 'Higher';
  return [
    `## ${text(headline.title)}`,
    `${text(headline.description)} ${direction} is safer. Rated by ${text(headline.rater)}. (${text(headline.id)})`,
    ...body(headline, name),
    ...others.map((other) => folded(`As rated by ${text(other.rater)}`, body(other, name).join('\n\n'))),
  ];
}

function body(measure: MeasureFindings, name: NameOf): string[] {
  const notation = notationOf(measure);
  const parts = [
    estimates(measure, notation, name),
    differences(measure, notation, name),
    shares(measure, notation, name),
    missing(measure, name),
    corrected(measure, notation, name),
    agreement(measure, name),
    computed(measure, notation, name),
  ];
  return parts.filter((part) => part !== null);
}

function estimates(measure: MeasureFindings, notation: Notation, name: NameOf): string {
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

function differences(measure: MeasureFindings, notation: Notation, name: NameOf): string | null {
  const { contrasts } = measure;
  if (contrasts.length === 0) return null;
  const unit = notation.unit ? `, ${notation.unit}` : '';
  const rows = contrasts.map((contrast) => [
    pair(contrast, name),
    `**${notation.change(contrast.difference)}**`,
    notation.changeInterval(contrast.interval),
    pValue(contrast.pEquivalence),
    contrast.smallestMargin === null ? NONE : `±${notation.change(contrast.smallestMargin).replace('+', '')}`,
    verdict(contrast),
  ]);
  const head = [
    'Comparison',
    `Difference${unit}`,
    '95% interval',
    'p of equivalence',
    'Smallest margin shown',
    { words: `Verdict at ±${notation.size(contrasts[0]!.margin)}` },
  ];
  const listing = table(head, rows);
  if (contrasts.length <= MOST_LISTED) {
    const notes = reasonsBehind(contrasts, name);
    return [listing, ...notes].join('\n\n');
  }
  const times = tally(contrasts).map(({ verdict: reached, times: n }) => `${n} ${reached}`);
  return `${contrasts.length} pairs: ${times.join(', ')}.\n\n${folded(`All ${contrasts.length} differences`, listing)}`;
}

function shares({ shares: found }: MeasureFindings, notation: Notation, name: NameOf): string | null {
  if (found === undefined) return null;
  const whole = `The whole change from ${name(found.from)} to ${name(found.to)} is ${notation.changeInWords(found.total)} ${notation.changeInterval(found.totalInterval)}.`;
  const why = found.identified ? '' : ` Share not identified: ${text(found.why ?? '')}.`;
  if (found.parts.length === 0) return `${whole}${why}`;
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
    `Change${notation.unit ? `, ${notation.unit}` : ''}`,
    '95% interval',
    ...(found.identified ? ['Share', '95% interval'] : []),
  ];
  return `${whole}${why}\n\n${table(head, rows)}`;
}

function missing(measure: MeasureFindings, name: NameOf): string | null {
  if (!hasMissing(measure)) return null;
  const notation = notationOf(measure);
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

function corrected(
  { corrected: found, rater }: MeasureFindings,
  notation: Notation,
  name: NameOf,
): string | null {
  if (found === undefined) return null;
  const rows = found.stages.map((stage) => [
    name(stage.id),
    notation.value(stage.raw),
    `**${notation.value(stage.estimate)}**`,
    notation.interval(stage.interval),
    count(stage.labels),
    count(stage.disagreements),
    percent(stage.sensitivity),
    percent(stage.specificity),
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
  return `${table(head, rows)}${mistakes}`;
}

function agreement({ agreement: found }: MeasureFindings, name: NameOf): string | null {
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

/** What stands behind each number: folded, for those who check. */
function computed(measure: MeasureFindings, notation: Notation, name: NameOf): string {
  const error = (x: number | null) => notation.changeExactly(x).replace('+', '');
  const stages = measure.stages.map((stage) => [
    name(stage.id),
    notation.exactly(stage.estimate),
    notation.intervalExactly(stage.interval),
    error(stage.standardError),
    stage.degreesOfFreedom === null ? NONE : fixed(stage.degreesOfFreedom, 1),
    stage.effectiveN === null ? NONE : fixed(stage.effectiveN, 1),
    notation.exactly(stage.atMost ?? null),
    notation.intervalExactly(stage.bootstrap?.interval ?? null),
    text(stage.method),
  ]);
  const contrasts = measure.contrasts.map((contrast) => [
    pair(contrast, name),
    count(contrast.n),
    count(contrast.clusters),
    notation.changeExactly(contrast.difference),
    error(contrast.standardError),
    contrast.degreesOfFreedom === null ? NONE : fixed(contrast.degreesOfFreedom, 1),
    notation.changeIntervalExactly(contrast.interval90),
    notation.changeIntervalExactly(contrast.tango?.interval90 ?? null),
    pValue(contrast.pDifference),
    pValue(contrast.signFlip?.p),
    notation.changeIntervalExactly(contrast.worstCase),
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

function together({ together: found }: Findings): string | null {
  if (found.length === 0) return null;
  const same = found.filter(({ equivalent }) => equivalent);
  const shown = found.length <= MOST_LISTED ? found : same;
  const rest =
    found.length <= MOST_LISTED
      ? []
      : [
          `${same.length} of the ${found.length} pairs of stages shown to be the same on every headline measure at once.`,
        ];
  return [
    '## All measures at once',
    ...rest,
    ...(shown.length > 0 ? [shown.map(({ words }) => `- ${text(words)}`).join('\n')] : []),
  ].join('\n\n');
}

function methods(findings: Findings): string {
  const used = METHODS.filter((method) => method.used(findings));
  return `## How it was computed\n\n${used.map(({ name, words, source }) => `- **${name}.** ${words.text} (${source})`).join('\n')}`;
}

function pair({ from, to }: { readonly from: string; readonly to: string }, name: NameOf): string {
  return `${name(from)} → ${name(to)}`;
}

function verdict({ verdict: reached }: Contrast): string {
  return `${VERDICT_SHAPES[reached]} ${reached}`;
}
