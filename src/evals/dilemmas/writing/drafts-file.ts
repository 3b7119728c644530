import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { InputError } from '../../../core/index.ts';
import { readWholeFile, unwritable } from '../../../files/index.ts';
import { dilemmaSchema } from '../dilemma.ts';

/*
 * A file of drafts: JSON lines, appended only, so that whatever was written and chosen is there after any end. Three kinds of
 * line: the `theme` that it is for (first), a `draft` with what became of it, and a person's `choice` of one by id; the last
 * choice of a draft counts.
 */

const themeLine = z.strictObject({ theme: z.string(), about: z.string() });
const draftLine = z.strictObject({
  draft: dilemmaSchema,
  call: z.int(),
  realism: z.number().nullable(),
  kind: z.string().nullable(),
  why: z.string(),
  /** Why it is not put before a person; `null` where it is. */
  dropped: z.string().nullable(),
});
const callLine = z.strictObject({
  call: z.int(),
  unreadable: z.array(z.string()),
  /** The model's whole answer, where something of it could not be read. */
  answer: z.string().optional(),
});
const choiceLine = z.strictObject({ choice: z.string(), keep: z.boolean() });
const line = z.union([themeLine, draftLine, callLine, choiceLine]);

export type DraftLine = z.infer<typeof draftLine>;

export interface DraftsFile {
  readonly theme: string;
  readonly about: string;
  readonly drafts: readonly DraftLine[];
  /** Calls that are done, by number. */
  readonly calls: ReadonlySet<number>;
  /** By id of the draft. */
  readonly choices: ReadonlyMap<string, boolean>;
}

/** @throws InputError naming file and line for what is not a file of drafts; a torn last line is passed over */
export function readDraftsFile(file: string): DraftsFile {
  if (!existsSync(file)) {
    throw new InputError('there is no such file of drafts', {
      place: { file },
      remedy: '`stemma dilemmas write` makes one.',
    });
  }
  const lines = readWholeFile(file).toString('utf8').split('\n');
  // What the last line lacks an end of was torn by the end of the process.
  lines.pop();
  const read = lines.map((text, index) => readLine(text, { file, line: index + 1 }));
  const [first, ...rest] = read;
  if (first === undefined || !('theme' in first))
    throw new InputError('the first line names no theme', { place: { file, line: 1 } });
  return {
    ...first,
    drafts: rest.filter((one) => 'draft' in one),
    calls: new Set(rest.flatMap((one) => ('unreadable' in one ? [one.call] : []))),
    choices: new Map(rest.flatMap((one) => ('choice' in one ? [[one.choice, one.keep]] : []))),
  };
}

function readLine(text: string, place: { file: string; line: number }): z.infer<typeof line> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InputError('this line is not JSON', { place, cause });
  }
  const read = line.safeParse(value);
  if (!read.success) throw new InputError('this line is none of a file of drafts', { place });
  return read.data;
}

/** Begins a file, or goes on with one; cuts off a torn last line. @throws InputError where it is of another theme, or can't be written */
export function openDraftsFile(file: string, about: z.infer<typeof themeLine>): DraftsFile {
  if (!existsSync(file)) appendLine(file, about);
  const text = readWholeFile(file).toString('utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole !== text)
    toFile(file, () => writeFileSync(file, whole === '' ? `${JSON.stringify(about)}\n` : whole));
  const found = readDraftsFile(file);
  if (found.theme !== about.theme) {
    throw new InputError(`this file is of the theme "${found.theme}", not "${about.theme}"`, {
      place: { file },
      remedy: 'Name another file with --drafts.',
    });
  }
  return found;
}

/**
 * Durable once it returns as far as the system's own buffers: a killed process loses nothing.
 *
 * @throws InputError where the file can't be written
 */
export function appendLine(file: string, value: z.infer<typeof line>): void {
  toFile(file, () => appendFileSync(file, `${JSON.stringify(value)}\n`));
}

function toFile(file: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw unwritable('the file of drafts', file, error);
  }
}
