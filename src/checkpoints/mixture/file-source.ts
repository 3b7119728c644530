import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { type Digest, digestOfText, InputError, type Json, type JsonObject } from '../../core/index.ts';
import { unreadable } from '../../files/text-file.ts';

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
    .record(z.string(), z.string().min(1))
    .optional()
    .describe('The same prompts answered by others: files by the teacher’s name. `teacher` chooses one.'),
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
  readonly teachers?: Readonly<Record<string, string>>;
  /** An exact share of its rows has the answers of another teacher: the same lines of another file. */
  readonly swap?: {
    readonly teacher: string;
    readonly path: string;
    readonly digest: Digest;
    readonly share: number;
  };
}

/** One line of a source: an example, as a training method takes it. */
export interface SourceRow {
  /** Counts from 1: the line in the file. */
  readonly line: number;
  readonly cluster: string | null;
  readonly example: JsonObject;
}

type Method = 'sft' | 'dpo' | 'grpo';

/** The content of a source's file. @throws InputError where it cannot be read */
export function sourceDigest(file: string): Digest {
  return digestOfText(bytesOf(file));
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

/**
 * Reads the rows of a source that its filters leave.
 *
 * A row is `{"messages": […]}` or `{"prompt": …, "response": …}` for SFT, `{"prompt", "chosen", "rejected"}` for DPO, and
 * `{"prompt", …}` for GRPO, where the other columns go to the reward functions. A prompt or an answer is a text or a list
 * of messages. `cluster` names what the row is about.
 *
 * @param folder where `path` starts
 * @throws InputError naming the line that is not an example; where the file is another one than was planned with; where
 *   nothing is left
 */
export function readRows(name: string, source: FileSource, method: Method, folder: string): SourceRow[] {
  const file = resolve(folder, source.path);
  const own = rowsOf(name, { file, digest: source.digest, method });
  const all = source.swap === undefined ? own : swapped(name, own, source.swap, { method, folder });
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
  { file, digest, method }: { readonly file: string; readonly digest: Digest; readonly method: Method },
): SourceRow[] {
  const bytes = bytesOf(file);
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
  { method, folder }: { readonly method: Method; readonly folder: string },
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

function rowOf(text: string, line: number, method: Method, file: string): SourceRow {
  const wrong = (what: string) => new InputError(`this line ${what}`, { place: { file, line } });
  let row: unknown;
  try {
    row = JSON.parse(text);
  } catch {
    throw wrong('is not a JSON object');
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) throw wrong('is not a JSON object');
  const example = exampleOf(row as JsonObject, method);
  if (typeof example === 'string') throw wrong(example);
  const { cluster } = row as JsonObject;
  return {
    line,
    cluster: typeof cluster === 'string' ? cluster : null,
    example: { ...(row as JsonObject), ...example },
  };
}

/** @returns the members that the method needs; a text where the row lacks them */
function exampleOf(row: JsonObject, method: Method): JsonObject | string {
  const prompt = messagesOf(row.prompt, 'user');
  if (method === 'grpo') return prompt === null ? 'has no prompt' : { prompt };
  if (method === 'dpo') {
    const [chosen, rejected] = [row.chosen, row.rejected].map((each) => messagesOf(each, 'assistant'));
    if (prompt === null || !chosen || !rejected) return 'lacks one of prompt, chosen and rejected';
    return { prompt, chosen, rejected };
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
