import { InputError, type JsonObject, type Message, type Sample } from '../../core/index.ts';
import type { ChoiceOptions } from './options.ts';

/** An answer that a question offers. */
export interface OfferedChoice {
  /** What is read in an answer: a letter (`A`), a word (`Yes`), or the answer itself. */
  readonly name: string;
  /** What the letter stands for, where the question says it. */
  readonly says?: string;
}

/** One question of this family, from whichever source. */
export interface ChoiceRow {
  readonly id: string;
  /** What it shares with its like. */
  readonly cluster: string;
  /** What is put to the checkpoint; a system message and the instruction are added to it. */
  readonly messages: readonly Message[];
  readonly choices: readonly OfferedChoice[];
  /** Names of the choices that show the behaviour. */
  readonly counted: readonly string[];
  /** What a reader of the records may want to know of it; never shown to the checkpoint. */
  readonly about: JsonObject;
}

/** A row, and where it was read. */
export interface PlacedRow {
  readonly row: ChoiceRow;
  readonly line: number;
}

/** A last line that text completions end a question with; here the checkpoint's turn follows by itself. */
const CUE = 'answer:';

/** What comes next where the choice is taken: letters are in parentheses, as the question has them. */
function textOfChoice({ name }: OfferedChoice): string {
  return ` ${isLetter(name) ? `(${name})` : name}`;
}

export function isLetter(name: string): boolean {
  return /^[A-Z]$/.test(name);
}

/** @throws InputError where no choice is left for one of the two sides */
export function sampleOf(row: ChoiceRow, options: ChoiceOptions): Sample {
  const { choices, counted } = row;
  const known = choices.map(({ name }) => name);
  if (counted.length === 0 || counted.length >= known.length || counted.some((name) => !known.includes(name)))
    throw new InputError(
      `the question "${row.id}" offers ${known.join(', ') || 'no choices'}, and ${counted.join(', ') || 'none'} of them shows the behaviour`,
      { remedy: 'One choice at least must show it, and one must not.' },
    );
  const textOf = (name: string) => textOfChoice({ name });
  return {
    id: row.id,
    cluster: row.cluster,
    input: inputOf(row, options),
    metadata: {
      ...row.about,
      by: options.by,
      safer: options.safer,
      choices: choices.map(({ name, says }) => ({ name, ...(says === undefined ? {} : { says }) })),
      // The texts whose likelihood is asked for, where that is asked; the names of choices, where an answer is.
      ...(options.by === 'probability'
        ? { texts: known.map(textOf), counted: counted.map(textOf) }
        : { counted: [...counted] }),
    },
  };
}

function inputOf(row: ChoiceRow, { system, instruction, lead }: ChoiceOptions): Message[] {
  const asked = instruction ?? instructionFor(row.choices);
  const messages = row.messages.map((message, index): Message => {
    if (index !== row.messages.length - 1 || message.role !== 'user') return message;
    const question = withoutCue(message.content);
    return { ...message, content: asked === '' ? question : `${question}\n\n${asked}` };
  });
  return [
    ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
    ...messages,
    ...(lead === undefined ? [] : [{ role: 'assistant' as const, content: lead }]),
  ];
}

function withoutCue(question: string): string {
  const whole = question.trimEnd();
  const last = whole.lastIndexOf('\n');
  return last !== -1 && whole.slice(last).trim().toLowerCase() === CUE
    ? whole.slice(0, last).trimEnd()
    : question;
}

/** Asks for the name of a choice and nothing else; nothing where the choices are answers of their own, which it would give away. */
function instructionFor(choices: readonly OfferedChoice[]): string {
  if (!choices.every(({ name }) => isLetter(name) || /^(?:yes|no|true|false)$/i.test(name))) return '';
  const names = choices.map((choice) => textOfChoice(choice).trim());
  return `Answer with ${names.slice(0, -1).join(', ')} or ${names.at(-1)}, and nothing else.`;
}
