import { z } from 'zod';
import { type Problems, parseDocument, readDocumentText, type Sound } from '../../files/index.ts';

/**
 * A scripted model as a table: which answers follow which prompts, with which probability. A file (YAML or JSON) holds
 * tables by name:
 *
 * ```yaml
 * sft:
 *   latencyMs: [20, 80]                    # a number, or drawn evenly from a range
 *   rules:                                 # the first that matches the last user message answers
 *     - when: { contains: kill }           # or exact: …, or matches: a regular expression; none matches everything
 *       outcomes:                          # probabilities sum to 1; left out where there is one outcome
 *         - { probability: 0.7, response: "I can't help with that." }
 *         - { probability: 0.3, response: "Sure: …", thoughts: "They mean a process." }
 *     - outcomes: [{ response: "Sure." }]
 * ```
 *
 * An outcome may also hold `toolCalls`, `stop`, `usage`, `latencyMs` and `error` (`kind`, `message`, `status`), and `probabilities` by
 * text, for evals that ask how likely a text is: `{ '(A)': 0.7, '(B)': 0.2 }`.
 *
 * Which outcome comes is a pure function of the request's seed and messages and of the table's `salt` (by default its
 * name), so neither order nor concurrency of the trials matters, and a resumed run draws as it would have before.
 * Tables with different salts draw independently, as two checkpoints would; give them one salt to couple their draws.
 */
export type ScriptedTable = z.infer<typeof tableSchema>;

const count = z.number().int().min(0).nullable();
const latency = z.union([z.number().min(0), z.tuple([z.number().min(0), z.number().min(0)])], {
  error: 'latencyMs is a number of milliseconds, or [least, most]',
});
const outcomeSchema = z.strictObject({
  probability: z.number().min(0).max(1).exactOptional(),
  response: z.string().exactOptional(),
  thoughts: z.string().exactOptional(),
  toolCalls: z
    .array(z.strictObject({ name: z.string(), arguments: z.unknown(), id: z.string().exactOptional() }))
    .exactOptional(),
  stop: z.enum(['end', 'length', 'tool-calls', 'refusal', 'other']).exactOptional(),
  usage: z
    .strictObject({
      inputTokens: count,
      outputTokens: count,
      thoughtTokens: count.exactOptional(),
      cachedInputTokens: count.exactOptional(),
    })
    .exactOptional(),
  probabilities: z.record(z.string(), z.number().gt(0).max(1)).exactOptional(),
  latencyMs: latency.exactOptional(),
  error: z
    .strictObject({
      kind: z.enum([
        'rate-limit',
        'server',
        'timeout',
        'connection',
        'malformed',
        'rejected',
        'auth',
        'not-found',
      ]),
      message: z.string().exactOptional(),
      status: z.number().int().exactOptional(),
    })
    .exactOptional(),
});
const ruleSchema = z.strictObject({
  when: z
    .union(
      [
        z.strictObject({ exact: z.string() }),
        z.strictObject({ contains: z.string() }),
        z.strictObject({ matches: z.string(), flags: z.string().optional() }),
      ],
      { error: 'a condition is one of exact, contains, matches (with flags), and a text' },
    )
    .optional(),
  outcomes: z.array(outcomeSchema).min(1),
});
const tableSchema = z.strictObject({
  salt: z.string().optional(),
  latencyMs: latency.optional(),
  rules: z.array(ruleSchema).min(1),
});
const fileSchema = z.record(z.string(), tableSchema);

export type ScriptedRule = z.infer<typeof ruleSchema>;
export type ScriptedOutcome = z.infer<typeof outcomeSchema>;

type Tables = Readonly<Record<string, ScriptedTable>>;

/**
 * Reads a file of tables.
 *
 * @param file  its name, for errors
 * @throws InputError naming file, line and key of all that is wrong
 */
export function parseScriptedTables(text: string, file: string): Tables {
  return parseDocument(text, file, fileSchema, { empty: {}, check: checkTables }).value;
}

/** Reads a file of tables. @throws InputError as `parseScriptedTables`, and when the file can't be read */
export function readScriptedTables(file: string): Tables {
  return parseScriptedTables(readDocumentText(file, 'file of scripted tables'), file);
}

function checkTables(tables: Sound<Tables>, problems: Problems): void {
  for (const [name, table] of Object.entries(tables)) {
    for (const [index, rule] of (table?.rules ?? []).entries())
      for (const message of rule === undefined ? [] : ruleProblems(rule))
        problems.add([name, 'rules', index], message);
  }
}

function* ruleProblems({ when, outcomes = [] }: Sound<ScriptedRule>): Generator<string> {
  const given = outcomes.flatMap((outcome) => outcome?.probability ?? []);
  const sum = given.reduce((total, probability) => total + probability, 0);
  if (outcomes.length > 1 && given.length < outcomes.length) {
    yield 'where a rule has several outcomes, each needs its probability';
  } else if (given.length > 0 && Math.abs(sum - 1) > 1e-9) {
    yield `the probabilities of a rule's outcomes sum to ${sum}, not to 1`;
  }
  if (when === undefined || !('matches' in when) || when.matches === undefined) return;
  try {
    new RegExp(when.matches, when.flags);
  } catch (error) {
    yield (error as Error).message;
  }
}
