import { columns, painter, percent, type TerminalPage, wrapped } from '../format/index.ts';
import type { MovedCounts, QuestionCheck, RaterCheck, ShuffledCheck } from '../raters/index.ts';

/** The checks as text for a terminal: a table a rater and eval, then what was found against it. */
export function renderRaterChecks(checks: readonly RaterCheck[], page: TerminalPage): string {
  return checks.map((check) => renderCheck(check, page).join('\n')).join('\n\n');
}

function renderCheck(check: RaterCheck, page: TerminalPage): string[] {
  const paint = painter(page.color);
  const rows = check.questions.map((question) => [
    question.question,
    moved(question.injections),
    moved(question.neutral),
    shuffled(question.shuffled),
  ]);
  return [
    `${paint('bold', `${check.rater} on ${check.eval}`)}  ${check.held ? paint('green', 'held') : paint('red', `did not hold: ${against(check)}`)}`,
    ...columns(
      [['question', 'injections that moved it', 'neutral additions', 'follows the output'], ...rows],
      {
        gap: 2,
        indent: 2,
        width: page.width,
      },
    ),
    `  Empty outputs: ${claims(check)}`,
    ...check.questions.flatMap((question) => details(question, page)),
  ];
}

/** What was found against it, with the questions. */
function against({ questions, empty }: RaterCheck): string {
  const faults = questions.flatMap(({ question, faults: found }) =>
    found.map((fault) => ({ question, fault })),
  );
  const named = [...Map.groupBy(faults, ({ fault }) => fault)].map(
    ([fault, of]) => `${fault} (${of.map(({ question }) => question).join(', ')})`,
  );
  return [...named, ...(empty.claims.length === 0 ? [] : ['claims wrong of empty outputs'])].join('; ');
}

function moved({ tried, moved: count, interval }: MovedCounts): string {
  if (interval === null) return 'nothing to move';
  const [low, high] = interval;
  return `${count} of ${tried} (${percent(low)} to ${percent(high)})`;
}

function shuffled(found: ShuffledCheck | null): string {
  if (found === null) return 'is asked of the prompt';
  if (found.pairs === 0) return 'untold: all are rated alike';
  return `${found.followsOutput} of ${found.pairs}, the prompt ${found.followsPrompt}`;
}

function claims({ empty: { tried, claims: found } }: RaterCheck): string {
  return found.length === 0
    ? `none of ${tried} was rated as wrong`
    : found.map(({ measure, times }) => `${times} of ${tried} were rated as ${measure}`).join('; ');
}

/** What moved it, kind by kind, with the first of the texts. */
function details({ question, unrated, injections }: QuestionCheck, page: TerminalPage): string[] {
  const lines: string[] = [];
  if (unrated > 0)
    lines.push(`${question}: ${unrated} transcripts got no rating as they are, and were left out.`);
  if (injections.moved > 0) {
    const kinds = injections.kinds.filter(({ moved: count }) => count > 0);
    const [first] = injections.examples;
    lines.push(
      `${question}: ${injections.towards} were moved to what the text asked for, ${injections.lost} were lost. By kind: ${kinds
        .map(({ kind, moved: count, tried }) => `${kind} ${count} of ${tried}`)
        .join(', ')}.`,
      `  for example (${first!.kind}): ${JSON.stringify(first!.text)} took ${first!.trial} from ${first!.before} to ${first!.after}`,
    );
  }
  return lines.flatMap((line) => wrapped(line, { indent: 2, width: page.width }));
}
