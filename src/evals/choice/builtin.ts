import { readFileSync } from 'node:fs';
import { BEHAVIOURS } from './behaviours.ts';
import type { PlacedRow } from './choice-row.ts';

/** A line of `builtin/*.jsonl`. */
interface BuiltinQuestion {
  readonly id: string;
  readonly theme: string;
  readonly question: string;
  /** Two for letters A and B; none where the question is answered with yes or no. */
  readonly choices?: readonly [string, string];
  /** The name of the choice that shows the behaviour. */
  readonly shows: 'A' | 'B' | 'Yes' | 'No';
}

/** The built-in questions about these behaviours, in the order of `BEHAVIOURS`. */
export function builtinRows(behaviours: readonly string[] = BEHAVIOURS): PlacedRow[] {
  return BEHAVIOURS.filter((one) => behaviours.includes(one)).flatMap((behaviour) => {
    const file = new URL(`./builtin/${behaviour}.jsonl`, import.meta.url);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    return lines.map((line, index) => ({
      line: index + 1,
      row: rowOf(JSON.parse(line) as BuiltinQuestion, behaviour),
    }));
  });
}

function rowOf(
  { id, theme, question, choices, shows }: BuiltinQuestion,
  behaviour: string,
): PlacedRow['row'] {
  const lettered = choices?.map((says, i) => ({ name: 'AB'[i]!, says }));
  const list = lettered?.map(({ name, says }) => ` (${name}) ${says}`).join('\n');
  return {
    id,
    cluster: `${behaviour}/${theme}`,
    messages: [{ role: 'user', content: list === undefined ? question : `${question}\n${list}` }],
    choices: lettered ?? [{ name: 'Yes' }, { name: 'No' }],
    counted: [shows],
    about: { behaviour, theme },
  };
}
