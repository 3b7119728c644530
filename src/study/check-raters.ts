import { type Eval, InputError } from '../core/index.ts';
import { nearest } from '../files/index.ts';
import { anyOf, type Problems } from '../files/problems.ts';
import type { KnownEvals } from './check-evals.ts';
import { checkDuplicateIds } from './check-stages.ts';
import { memberOf, type Row, rowsOf, textOf, textsOf } from './loose.ts';
import { requireJudgeRoom } from './plan/judge-load.ts';

/** Raters have names of their own, rules that an eval has, and members that exist; and no eval is left without a rater. */
export function checkRaters(study: unknown, evals: KnownEvals, problems: Problems): void {
  const raters = rowsOf(study, 'raters');
  checkDuplicateIds(raters, 'rater', problems);
  for (const rater of raters) {
    if (rater.row.kind === 'rule') checkRule(rater, evals.possible, problems);
    if (rater.row.kind === 'panel') checkPanel(rater, raters, problems);
    if (rater.row.kind === 'autorater') checkContext(rater, evals.used, problems);
  }
  checkCoverage(raters, evals, problems);
}

function checkRule({ row, path }: Row, evals: readonly Eval[], problems: Problems): void {
  const rule = textOf(row, 'rule');
  const known = rulesOf(evals);
  if (rule === undefined || known.includes(rule)) return;
  const near = nearest(rule, known);
  const remedy =
    near !== undefined
      ? `Did you mean "${near}"?`
      : known.length === 0
        ? 'Use an autorater: `kind: autorater`, `model: …`.'
        : `Write ${anyOf(known)}.`;
  problems.add([...path, 'rule'], `no eval of this study has a rule "${rule}"`, remedy);
}

/** A context in which no transcript has room would make every rating an error. */
function checkContext({ row, path }: Row, evals: Iterable<Eval>, problems: Problems): void {
  const { context_tokens: contextTokens } = row;
  // What is no such number at all is told by the schema.
  if (typeof contextTokens !== 'number' || !(contextTokens >= 1)) return;
  const maxTokens = memberOf(row.sampling, 'max_tokens');
  const sampling = typeof maxTokens === 'number' ? { maxTokens } : {};
  const judging = row.judging === 'together' ? 'together' : 'one-by-one';
  try {
    requireJudgeRoom({ judging, sampling, contextTokens }, evals);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    problems.addError([...path, 'context_tokens'], error);
  }
}

function checkPanel({ row, path }: Row, raters: readonly Row[], problems: Problems): void {
  const byId = new Map(raters.map((rater) => [textOf(rater.row, 'id'), rater.row]));
  const able = raters.flatMap(({ row: other }) =>
    other.kind === 'panel' ? [] : [textOf(other, 'id') ?? ''],
  );
  const members = textsOf(row.members);
  for (const [index, member] of members.entries()) {
    const place = [...path, 'members', index];
    const found = byId.get(member);
    if (found === undefined) {
      const near = nearest(member, able);
      const remedy =
        near === undefined ? `Declare it under raters, or write ${anyOf(able)}.` : `Did you mean "${near}"?`;
      problems.add(place, `no rater is called "${member}"`, remedy);
    } else if (found.kind === 'panel') {
      problems.add(
        place,
        `"${member}" is a panel itself`,
        'List its members instead: a panel combines raters.',
      );
    } else if (members.indexOf(member) < index) {
      problems.add(place, `"${member}" sits on this panel twice`, 'Keep one of the two.');
    }
  }
  checkOwnFamilies(row, path, members, byId, problems);
}

function checkOwnFamilies(
  row: Row['row'],
  path: Row['path'],
  members: readonly string[],
  byId: ReadonlyMap<string | undefined, Row['row']>,
  problems: Problems,
): void {
  if (row.exclude_own_family !== true) return;
  const judges = members.filter((member) => byId.get(member)?.kind === 'autorater');
  if (judges.length === 0 || judges.some((member) => textOf(byId.get(member), 'family') !== undefined))
    return;
  problems.add(
    [...path, 'exclude_own_family'],
    'no member of this panel says its family, so none can be kept from rating its own',
    'Add `family` to the judges (and to the stages that share one).',
  );
}

function rulesOf(evals: readonly Eval[]): string[] {
  const rules = evals.flatMap(({ questions }) =>
    questions.flatMap((question) => Object.keys(question.rules)),
  );
  return [...new Set(rules)];
}

/** A question that nobody answers would make a run without findings. */
function checkCoverage(raters: readonly Row[], { used, possible }: KnownEvals, problems: Problems): void {
  // Any other kind is a judge, or a mistake that was told.
  if (raters.length === 0 || raters.some(({ row }) => row.kind !== 'rule' && row.kind !== 'panel')) return;
  const rules = new Set(raters.flatMap(({ row }) => (row.kind === 'rule' ? [row.rule] : [])));
  const known = new Set<unknown>(rulesOf(possible));
  if ([...rules].some((rule) => !known.has(rule))) return;
  for (const { name, questions } of new Set(used)) {
    const unanswered = questions.filter(
      (question) => !Object.keys(question.rules).some((rule) => rules.has(rule)),
    );
    if (unanswered.length < questions.length || questions.length === 0) continue;
    const offered = [...new Set(questions.flatMap((question) => Object.keys(question.rules)))];
    const rule = offered.length === 0 ? '' : `, or a rule: ${anyOf(offered)}`;
    problems.add(['raters'], `no rater can rate the eval "${name}"`, `Add an autorater${rule}.`);
  }
}
