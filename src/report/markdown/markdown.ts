import type { Findings, MeasureFindings } from '../../findings/findings.ts';
import { count, counted, listed, notationOf } from '../../format/index.ts';
import { clausesOf } from '../clauses.ts';
import { METHODS } from '../methods.ts';
import { areFew, groupsOf, type MeasureGroup, mainContrasts, stageFinder, tally } from '../outline.ts';
import {
  agreement,
  computed,
  corrected,
  differences,
  estimates,
  missing,
  type NameOf,
  pair,
  sensitivity,
  shares,
  verdict,
} from './parts.ts';
import { folded, table, text } from './text.ts';

/**
 * The findings as Markdown with tables, for an appendix or a comment on a pull request: the answer, the verdicts, then each
 * measure, and how the numbers were computed. The same findings give the same text.
 */
export function renderMarkdown(findings: Findings): string {
  const stageOf = stageFinder(findings);
  const name = (id: string) => text(stageOf(id).title);
  const groups = groupsOf(findings);
  const [lead = '', ...others] = clausesOf(findings);
  const sections = [
    `# ${text(findings.run)}`,
    `**${text(lead)}**`,
    others.map((clause) => `- ${text(clause)}`).join('\n'),
    facts(findings),
    findings.warnings.length > 0 && findings.warnings.map((warning) => `> - ${text(warning)}`).join('\n'),
    groups.length > 0 && inShort(findings, groups, name),
    ...groups.flatMap((group) => measureSection(group, name)),
    together(findings),
    again(findings, name),
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
    missing(measure, notation, name),
    corrected(measure, notation, name),
    agreement(measure, name),
    sensitivity(measure, notation, name),
    computed(measure, notation, name),
  ];
  return parts.filter((part) => part !== null);
}

function together({ together: found, stages }: Findings): string | null {
  if (found.length === 0) return null;
  const same = found.filter(({ equivalent }) => equivalent);
  const shown = areFew(found, stages) ? found : same;
  const rest = areFew(found, stages)
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

function again(findings: Findings, name: NameOf): string | null {
  const { again: found } = findings;
  if (found === undefined) return null;
  const rows = groupsOf(findings).flatMap(({ headline }) => {
    const notation = notationOf(headline);
    return (headline.again ?? []).map((contrast) => [
      text(headline.title),
      name(contrast.from),
      verdict(contrast),
      notation.changeInWords(contrast.difference),
      notation.changeInterval(contrast.interval),
    ]);
  });
  const head = ['Measure', { words: 'Checkpoint' }, { words: 'Verdict' }, 'Difference', '95% interval'];
  return `## The same checkpoint twice\n\n${text(found.words)}\n\n${table(head, rows)}`;
}

function methods(findings: Findings): string {
  const used = METHODS.filter((method) => method.used(findings));
  return `## How it was computed\n\n${used.map(({ name, words, source }) => `- **${name}.** ${words.text} (${source})`).join('\n')}`;
}
