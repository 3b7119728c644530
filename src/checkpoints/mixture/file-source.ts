import { resolve } from 'node:path';
import { z } from 'zod';
import { type Digest, digestOfText, InputError, type Json, type JsonObject } from '../../core/index.ts';
import { isObject, parsedJson } from '../../core/parsed-json.ts';
import { readWholeFile } from '../../files/index.ts';
import { type StageTeacher, stageTeacherSchema } from './stage-teacher.ts';

/** What the columns of a row must hold: a value, or one of several. */
const whereSchema = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number(), z.boolean()]))]),
);

/** One source of a mixture: a JSONL file of examples, and how much of it is learnt from. */
export const fileSourceSchema = z.strictObject({
  path: z.string().min(1).describe('A JSONL file of examples, relative to the file that names it.'),
  weight: z
    .number()
    .min(0)
    .optional()
    .describe('Its share of the examples, beside the other sources. 0 leaves it out. Default 1.'),
  draws: z
    .int()
    .min(0)
    .optional()
    .describe(
      'Exactly so many examples of it, instead of a weight. Then all sources say so, and steps follow.',
    ),
  drop: z.array(z.string()).optional().describe('Clusters whose examples are left out.'),
  where: whereSchema
    .optional()
    .describe('Only rows whose columns hold these values: { language: en, topic: [weapons, drugs] }.'),
  teacher: z
    .string()
    .optional()
    .describe('Who wrote the answers: one of `teachers`, or a name for the record.'),
  teachers: z
    .record(z.string(), z.union([z.string().min(1), stageTeacherSchema]))
    .optional()
    .describe(
      'The same prompts answered by others, by the teacher’s name: a file, or { stage: ID }, a stage of the study that is asked. `teacher` chooses one.',
    ),
});

/** A source as a recipe keeps it: bound to the content of its file. */
export interface FileSource {
  /** Relative to the recipe. */
  readonly path: string;
  readonly digest: Digest;
  readonly weight: number;
  readonly draws?: number;
  readonly drop?: readonly string[];
  readonly where?: z.infer<typeof whereSchema>;
  readonly teacher?: string;
  readonly teachers?: Readonly<Record<string, string | StageTeacher>>;
  /** The teacher is a stage: `path` has the prompts, and the answers are there once it was asked. */
  readonly asked?: StageTeacher;
  /** An exact share of its rows has the answers of another teacher: the same lines of another file. */
  readonly swap?: {
    readonly teacher: string;
    readonly path: string;
    readonly digest: Digest;
    readonly share: number;
    readonly asked?: StageTeacher;
  };
}

/** One line of a source: an example, as a training method takes it. */
export interface SourceRow {
  /** Counts from 1: the line in the file. */
  readonly line: number;
  readonly cluster: string | null;
  readonly example: JsonObject;
}

/** `prompts`: an example without the answer that it may have. */
type TrainingMethod = 'sft' | 'dpo' | 'grpo' | 'prompts';

/** The content of a source's file. @throws InputError where it cannot be read */
export function sourceDigest(file: string): Digest {
  return digestOfText(readWholeFile(file));
}

/**
 * Reads the rows of a source that its filters leave.
 *
 * A row is `{"messages": […]}` or `{"prompt": …, "response": …}` for SFT, `{"prompt", "chosen", "rejected"}` for DPO, and
 * `{"prompt", …}` for GRPO, where the other columns go to the reward functions. A prompt or an answer is a text or a list
 * of messages. `cluster` names what the row is about. Where a stage of the study is still to be asked for the answers, a row has
 * an empty one.
 *
 * @param folder where `path` starts
 * @throws InputError naming the line that is not an example; where the file is another one than was planned with; where
 *   nothing is left
 */
export function readRows(
  name: string,
  source: FileSource,
  method: TrainingMethod,
  folder: string,
): SourceRow[] {
  const { asked, swap } = source;
  const file = resolve(folder, source.path);
  if (method !== 'sft' && (asked ?? swap?.asked) !== undefined)
    throw new InputError(`the source "${name}" has a stage as teacher, which only SFT can learn from`, {
      place: { file },
    });
  const read = asked === undefined ? method : 'prompts';
  const own = rowsOf(name, { file, digest: source.digest, method: read });
  const isKnown = swap !== undefined && swap.asked === undefined;
  const all = isKnown ? swapped(name, own, swap, { method, folder }) : own;
  const rows = all.filter((row) => isKept(row, source));
  if (rows.length === 0 && source.weight > 0 && source.draws !== 0)
    throw new InputError(`the source "${name}" has no example that its filters leave`, {
      place: { file },
      remedy: 'Take a filter (drop, where) away, or give it weight: 0.',
    });
  return rows;
}

function rowsOf(
  name: string,
  {
    file,
    digest,
    method,
  }: { readonly file: string; readonly digest: Digest; readonly method: TrainingMethod },
): SourceRow[] {
  const bytes = readWholeFile(file);
  if (digestOfText(bytes) !== digest)
    throw new InputError(`the file of the source "${name}" was changed since the study was read`, {
      place: { file },
      remedy: 'Run the command again: a changed source makes another checkpoint.',
    });
  return bytes
    .toString('utf8')
    .split('\n')
    .flatMap((text, index): SourceRow[] =>
      text.trim() === '' ? [] : [rowOf(text, index + 1, method, file)],
    );
}

/** The rows with an exact share of them taken from another file, line by line. Which ones does not depend on the share. */
function swapped(
  name: string,
  own: readonly SourceRow[],
  { path, digest, share }: NonNullable<FileSource['swap']>,
  { method, folder }: { readonly method: TrainingMethod; readonly folder: string },
): SourceRow[] {
  const file = resolve(folder, path);
  const others = new Map(rowsOf(name, { file, digest, method }).map((row) => [row.line, row]));
  const order = own
    .map((row) => ({ row, rank: digestOfText(`${name}/${row.line}`) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1));
  const taken = new Set(order.slice(0, Math.round(share * own.length)).map(({ row }) => row.line));
  return own.map((row) => {
    if (!taken.has(row.line)) return row;
    const other = others.get(row.line);
    if (other !== undefined && promptOf(other) === promptOf(row)) return other;
    throw new InputError(`this line does not answer the same prompt as in the other teacher's file`, {
      place: { file, line: row.line },
      remedy: 'Files of teachers answer the same prompts, line by line.',
    });
  });
}

function promptOf({ example }: SourceRow): string {
  const messages = (example.messages ?? example.prompt) as readonly Json[];
  return JSON.stringify(example.messages === undefined ? messages : messages.slice(0, -1));
}

function rowOf(text: string, line: number, method: TrainingMethod, file: string): SourceRow {
  const wrong = (what: string) => new InputError(`this line ${what}`, { place: { file, line } });
  const row = parsedJson(text) as Json | undefined;
  if (!isObject(row)) throw wrong('is not a JSON object');
  const example = exampleOf(row, method);
  if (typeof example === 'string') throw wrong(example);
  const { cluster } = row;
  return {
    line,
    cluster: typeof cluster === 'string' ? cluster : null,
    example: { ...(row as JsonObject), ...example },
  };
}

/** @returns the members that the method needs; a text where the row lacks them */
function exampleOf(row: JsonObject, method: TrainingMethod): JsonObject | string {
  const prompt = messagesOf(row.prompt, 'user');
  if (method === 'grpo') return prompt === null ? 'has no prompt' : { prompt };
  if (method === 'dpo') {
    const [chosen, rejected] = [row.chosen, row.rejected].map((each) => messagesOf(each, 'assistant'));
    if (prompt === null || !chosen || !rejected) return 'lacks one of prompt, chosen and rejected';
    return { prompt, chosen, rejected };
  }
  if (method === 'prompts') {
    const given = messagesOf(row.messages, 'user');
    const before = given?.at(-1)?.role === 'assistant' ? given.slice(0, -1) : (given ?? prompt);
    if (before === null || before.length === 0) return 'has no prompt';
    return { messages: [...before, { role: 'assistant', content: '' }] };
  }
  const response = messagesOf(row.response, 'assistant');
  const messages = messagesOf(row.messages, 'user') ?? (prompt && response && [...prompt, ...response]);
  if (!messages) return 'has neither messages nor a prompt and a response';
  if (messages.at(-1)?.role !== 'assistant') return 'does not end with a message of the assistant';
  return { messages };
}

interface TrainingMessage extends JsonObject {
  readonly role: string;
  readonly content: string;
}

function messagesOf(value: Json | undefined, role: string): TrainingMessage[] | null {
  if (typeof value === 'string') return value === '' ? null : [{ role, content: value }];
  if (!Array.isArray(value) || value.length === 0) return null;
  const messages = value.map((one: Json) => one as JsonObject | null);
  return messages.every((one) => typeof one?.role === 'string' && typeof one.content === 'string')
    ? messages.map((one) => ({ role: one!.role as string, content: one!.content as string }))
    : null;
}

function isKept({ cluster, example }: SourceRow, { drop = [], where = {} }: FileSource): boolean {
  if (cluster !== null && drop.includes(cluster)) return false;
  return Object.entries(where).every(([column, wanted]) =>
    (Array.isArray(wanted) ? wanted : [wanted]).some((one) => one === example[column]),
  );
}
