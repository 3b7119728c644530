import type { Findings } from '../../findings/findings.ts';
import { capitalised, count, counted, listed } from '../../format/index.ts';
import { groupsOf } from '../outline.ts';
import { type Block, paragraph, soft, type Text, type TextSpan } from './block.ts';

/** What was done, in two or three sentences. */
export function facts({ trials, origin, raters, stages, ...findings }: Findings): Block[] {
  const measures = groupsOf({ trials, origin, raters, stages, ...findings }).length;
  const done = `${counted(stages.length, 'stage')}, ${counted(measures, 'measure')}, ${count(trials.completed + trials.limit)} of ${counted(trials.planned, 'trial')} completed`;
  const failed = trials.errors > 0 ? `, ${count(trials.errors)} failed` : '';
  const limited = trials.limit > 0 ? `, ${count(trials.limit)} stopped at a limit` : '';
  const by =
    raters.length === 0
      ? ''
      : ` Rated by ${listed(raters.map(({ id, title, kind }) => (kind === 'model' ? (title ?? id) : `${title ?? id} (${kind})`)))}.`;
  const sources = [origin.source, origin.citation].filter((part) => part !== undefined);
  const imported = origin.kind === 'import' ? ` Results that others published: ${listed(sources)}.` : '';
  return [paragraph(`${done}${failed}${limited}.${by}${imported}`, { tone: 'soft' })];
}

/** The answer: its first clause leads, the others are below it. */
export function answer(findings: Findings): Block[] {
  const [first = '', ...others] = clausesOf(findings);
  return [
    paragraph(withAsides(first, findings), { tone: 'answer' }),
    ...(others.length > 0 ? [{ kind: 'list' as const, tone: 'answer' as const, items: others }] : []),
  ];
}

/** What must be read before the rest. */
export function warnings(findings: Findings): Block[] {
  if (findings.warnings.length === 0) return [];
  return [{ kind: 'note', id: 'warnings', title: 'Read this first', items: findings.warnings }];
}

/**
 * The answer's clauses, each as a sentence. One clause is the answer as it is. A semicolon in brackets separates nothing.
 */
export function clausesOf({ answer: whole, stages }: Pick<Findings, 'answer' | 'stages'>): string[] {
  const clauses: string[] = [];
  let inBrackets = false;
  for (const part of whole.split('; ').reverse()) {
    if (inBrackets) clauses[0] = `${part}; ${clauses[0]}`;
    else clauses.unshift(part);
    const bracket = /[()]/.exec(part);
    if (bracket) inBrackets = bracket[0] === ')';
  }
  return clauses.map((clause, index) => {
    // A stage's title is written as it is, also at the beginning.
    const begun = stages.some(({ title }) => clause.startsWith(title)) ? clause : capitalised(clause);
    return index < clauses.length - 1 ? `${begun}.` : begun;
  });
}

/** Amounts and remarks in brackets are set lighter; brackets of a title are part of the name. */
function withAsides(lead: string, { stages, measures }: Findings): Text {
  const titles = [...stages, ...measures].map(({ title }) => title);
  return lead.split(/(\([^()]*\))/).flatMap((part, index): TextSpan[] => {
    if (part === '') return [];
    return [index % 2 === 1 && !titles.some((title) => title.includes(part)) ? soft(part) : part];
  });
}
