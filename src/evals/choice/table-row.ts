import { digestOfText, type ErrorPlace, InputError, type Json, requireStorableId } from '../../core/index.ts';
import { parsedJson } from '../../core/parsed-json.ts';
import { requireColumns } from '../../files/index.ts';
import type { TableRow } from '../../files/table-row.ts';
import { cellText } from '../cell-text.ts';
import type { ChoiceRow } from './choice-row.ts';
import type { ChoiceColumns } from './options.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const USUAL: ChoiceColumns = { question: 'question', choices: 'choices', answer: 'answer' };

/**
 * A question of any table. Its choices become letters, in their order, and are listed below the question. Without an id column
 * a question's id is a digest of it; without a cluster column each question is a cluster of its own.
 *
 * @throws InputError naming file and line: a column missing, a cell empty, fewer than two choices, an answer that is none of them
 */
export function tableRow(
  row: TableRow['row'],
  columns: ChoiceColumns = USUAL,
  place: ErrorPlace & { readonly file: string },
): ChoiceRow {
  const named = [columns.question, columns.answer, columns.id, columns.cluster];
  requireColumns(
    Object.keys(row),
    named.filter((name) => name !== undefined),
    place,
  );
  const question = cellText(row[columns.question], columns.question, place);
  const texts = choicesOf(row, columns, place);
  const choices = texts.map((says, i) => ({ name: LETTERS[i]!, says }));
  const list = choices.map(({ name, says }) => ` (${name}) ${says}`).join('\n');
  const nameOf = (column: string) => {
    const name = cellText(row[column], column, place);
    requireStorableId(name, `what the column "${column}" says`, place);
    return name;
  };
  const id =
    columns.id === undefined ? digestOfText(`${question}\n${list}`).slice(0, 12) : nameOf(columns.id);
  return {
    id,
    cluster: columns.cluster === undefined ? id : nameOf(columns.cluster),
    messages: [{ role: 'user', content: `${question}\n${list}` }],
    choices,
    counted: answersIn(row[columns.answer], columns.answer, texts, place),
    about: {},
  };
}

function choicesOf(row: TableRow['row'], { choices: column }: ChoiceColumns, place: ErrorPlace): string[] {
  const given =
    listIn(row[column]) ?? [...LETTERS].map((letter) => row[letter]).filter((cell) => cell !== undefined);
  const texts = given.flatMap((cell) => {
    const text = typeof cell === 'string' || typeof cell === 'number' ? String(cell).trim() : '';
    return text === '' ? [] : [text];
  });
  if (texts.length >= 2 && texts.length <= LETTERS.length) return texts;
  throw new InputError(
    `a question needs two choices at least, and ${LETTERS.length} at most; here are ${texts.length}`,
    {
      place,
      remedy: `They are in the column "${column}" (a list, or one a line), or in columns A, B, C, ….`,
    },
  );
}

/** A list as it is, as JSON in a cell, or one a line; `undefined` where there is no such cell. */
function listIn(value: Json | undefined): readonly Json[] | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const parsed = parsedJson(value);
  return Array.isArray(parsed) ? (parsed as Json[]) : value.split(/\r?\n/);
}

/** The letters of the choices that an answer names, by letter or by text. */
function answersIn(
  value: Json | undefined,
  column: string,
  texts: readonly string[],
  place: ErrorPlace,
): string[] {
  const names = (Array.isArray(value) ? value : [value]).map((one) => {
    const answer = cellText(one, column, place).trim();
    const letter = /^\(?([A-Za-z])\)?$/.exec(answer)?.[1]?.toUpperCase();
    const index = letter === undefined ? texts.indexOf(answer) : LETTERS.indexOf(letter);
    if (index >= 0 && index < texts.length) return LETTERS[index]!;
    throw new InputError(`"${answer}" is not a choice of this question`, {
      place,
      remedy: `Write a letter from A to ${LETTERS[texts.length - 1]}, or the whole text of a choice.`,
    });
  });
  return [...new Set(names)];
}
