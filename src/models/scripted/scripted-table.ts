import { z } from 'zod';
import { nearest, parseYaml } from '../../files/index.ts';

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
 * An outcome may also hold `toolCalls`, `stop`, `usage`, `latencyMs` and `error` (`kind`, `message`, `status`).
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
  probability: z.number().min(0).max(1).optional(),
  response: z.string().optional(),
  thoughts: z.string().optional(),
  toolCalls: z
    .array(z.strictObject({ name: z.string(), arguments: z.unknown(), id: z.string().optional() }))
    .optional(),
  stop: z.enum(['end', 'length', 'tool-calls', 'refusal', 'other']).optional(),
  usage: z
    .strictObject({
      inputTokens: count,
      outputTokens: count,
      thoughtTokens: count.optional(),
      cachedInputTokens: count.optional(),
    })
    .optional(),
  latencyMs: latency.optional(),
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
      message: z.string().optional(),
      status: z.number().int().optional(),
    })
    .optional(),
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

/**
 * Reads a file of tables.
 * @param file  its name, for errors
 * @throws InputError naming file, line and key
 */
export function parseScriptedTables(text: string, file: string): Readonly<Record<string, ScriptedTable>> {
  const { value, fail } = parseYaml(text, file);
  const parsed = fileSchema.safeParse(value ?? {});
  if (!parsed.success) {
    // A mistyped key also leaves one missing; the mistyped one says more.
    const mistyped = parsed.error.issues.find(({ code }) => code === 'unrecognized_keys');
    const issue = mistyped ?? parsed.error.issues[0]!;
    if (issue.code !== 'unrecognized_keys') return fail(issue.path, issue.message);
    const [key = ''] = issue.keys;
    const known = knownKeys(issue.path);
    const meant = nearest(key, known);
    const remedy = meant === undefined ? `Known keys here: ${known.join(', ')}.` : `Did you mean "${meant}"?`;
    return fail([...issue.path, key], `unknown key "${key}"`, remedy);
  }
  for (const [name, table] of Object.entries(parsed.data)) {
    table.rules.forEach((rule, index) => {
      checkRule(rule, (message) => fail([name, 'rules', index], message));
    });
  }
  return parsed.data;
}

function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  if (path.length === 1) return Object.keys(tableSchema.shape);
  return path.length === 3 ? Object.keys(ruleSchema.shape) : Object.keys(outcomeSchema.shape);
}

function checkRule({ when, outcomes }: ScriptedRule, fail: (message: string) => never): void {
  if (outcomes.length > 1 && outcomes.some(({ probability }) => probability === undefined)) {
    fail('where a rule has several outcomes, each needs its probability');
  }
  const sum = outcomes.reduce((total, { probability = 1 }) => total + probability, 0);
  if (Math.abs(sum - 1) > 1e-9) fail(`the probabilities of a rule's outcomes sum to ${sum}, not to 1`);
  if (when === undefined || !('matches' in when)) return;
  try {
    new RegExp(when.matches, when.flags);
  } catch (cause) {
    fail((cause as Error).message);
  }
}
