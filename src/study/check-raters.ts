import type { Eval } from '../core/index.ts';
import { isPersonsId } from '../core/persons-id.ts';
import { anyOf, didYouMean, type Problems } from '../files/index.ts';
import type { KnownEvals } from './check-evals.ts';
import { checkDuplicateIds } from './check-stages.ts';
import { requireJudgeContext } from './plan/judge-load.ts';
import { personsId } from './raters.ts';
import { type RaterRow, rowsOf, type SoundStudy } from './rows.ts';

/** Raters have names of their own, rules that an eval has, and members that exist; and no eval is left without a rater. */
export function checkRaters(study: SoundStudy, evals: KnownEvals, problems: Problems): void {
  const raters = rowsOf(study, 'raters');
  checkDuplicateIds(raters, 'rater', problems);
  for (const { row, path } of raters) {
    if (typeof row.id === 'string' && isPersonsId(row.id))
      problems.add([...path, 'id'], personsId(row.id), 'Give it another id, such as judge.');
    if (row.kind === 'rule') checkRule(row, path, evals.possible, problems);
    if (row.kind === 'panel') checkPanel(row, path, raters, problems);
    if (row.kind === 'autorater') checkContext(row, path, evals.used, problems);
  }
  if (study.raters?.length === 0) checkNeedsNone(evals, problems);
  checkCoverage(raters, evals, problems);
}

/** The scorers of an Inspect task rate it. Any other eval needs a rater. */
function checkNeedsNone({ used }: KnownEvals, problems: Problems): void {
  const unrated = used.find(({ ownRules = [] }) => ownRules.length === 0);
  if (unrated === undefined) return;
  problems.add(
    ['raters'],
    'no rater is declared',
    'Add one: raters: [{ id: judge, kind: autorater, model: … }].',
  );
}

type RowOfKind<K> = Extract<RaterRow['row'], { readonly kind?: K | undefined }>;

function checkRule(
  { rule }: RowOfKind<'rule'>,
  path: RaterRow['path'],
  evals: readonly Eval[],
  problems: Problems,
): void {
  const known = rulesOf(evals);
  if (rule === undefined || known.includes(rule)) return;
  const remedy = didYouMean(rule, known, () =>
    known.length === 0 ? 'Use an autorater: `kind: autorater`, `model: …`.' : `Write ${anyOf(known)}.`,
  );
  problems.add([...path, 'rule'], `no eval of this study has a rule "${rule}"`, remedy);
}

/** A context in which no transcript has room would make every rating an error. */
function checkContext(
  row: RowOfKind<'autorater'>,
  path: RaterRow['path'],
  evals: Iterable<Eval>,
  problems: Problems,
): void {
  const { context_tokens: contextTokens } = row;
  // A number below 1 is told by the schema.
  if (contextTokens === undefined || contextTokens < 1) return;
  const maxTokens = row.sampling?.max_tokens;
  const sampling = maxTokens === undefined ? {} : { maxTokens };
  const judging = row.judging === 'together' ? 'together' : 'one-by-one';
  problems.attempt(
    () => requireJudgeContext({ judging, sampling, contextTokens }, evals),
    [...path, 'context_tokens'],
  );
}

function checkPanel(
  row: RowOfKind<'panel'>,
  path: RaterRow['path'],
  raters: readonly RaterRow[],
  problems: Problems,
): void {
  const byId = new Map(raters.map((rater) => [rater.row.id, rater.row]));
  const able = raters.flatMap(({ row: other }) => (other.kind === 'panel' ? [] : (other.id ?? [])));
  const members = row.members ?? [];
  for (const [index, member] of members.entries()) {
    if (member === undefined) continue;
    const place = [...path, 'members', index];
    const found = byId.get(member);
    if (found === undefined) {
      const remedy = didYouMean(member, able, () => `Declare it under raters, or write ${anyOf(able)}.`);
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
  if (row.exclude_own_family !== true) return;
  const judges = members.flatMap((member) => {
    const judge = byId.get(member);
    return judge?.kind === 'autorater' ? [judge] : [];
  });
  if (judges.length === 0 || judges.some(({ family }) => family !== undefined)) return;
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
function checkCoverage(
  raters: readonly RaterRow[],
  { used, possible }: KnownEvals,
  problems: Problems,
): void {
  // Any other kind is a judge, or a mistake that was told.
  if (raters.length === 0 || raters.some(({ row }) => row.kind !== 'rule' && row.kind !== 'panel')) return;
  const rules = new Set(raters.flatMap(({ row }) => (row.kind === 'rule' ? [row.rule] : [])));
  const known = new Set<unknown>(rulesOf(possible));
  if ([...rules].some((rule) => !known.has(rule))) return;
  for (const { name, questions, ownRules } of new Set(used)) {
    if (ownRules !== undefined) continue;
    const unanswered = questions.filter(
      (question) => !Object.keys(question.rules).some((rule) => rules.has(rule)),
    );
    if (unanswered.length < questions.length || questions.length === 0) continue;
    const offered = [...new Set(questions.flatMap((question) => Object.keys(question.rules)))];
    const rule = offered.length === 0 ? '' : `, or a rule: ${anyOf(offered)}`;
    problems.add(['raters'], `no rater can rate the eval "${name}"`, `Add an autorater${rule}.`);
  }
}
