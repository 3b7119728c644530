import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { InputError, type Message } from '../../core/index.ts';
import { nearest, parseYaml } from '../../files/index.ts';

/**
 * How a conversation becomes one plain text for a checkpoint without a chat template. A template is a YAML file; its
 * texts are used to the letter, so quote them where white space counts:
 *
 * ```yaml
 * begin: ""                              # once, before everything: few-shot examples, a preamble
 * system: "{content}\n\n"                # a message of each role; {content} is its text
 * user: "User: {content}\n\n"
 * assistant: "Assistant: {content}\n\n"
 * tool: "Tool: {content}\n\n"
 * generate: "Assistant:"                 # once, at the end: what the checkpoint goes on from
 * stop: ["\nUser:", "\nAssistant:"]      # where its turn ends
 * ```
 *
 * Members left out are as in `plainTemplate`, which is the one above. End `generate` without a space: tokenizers join a
 * space to the word that follows it.
 */
export interface Template {
  readonly begin: string;
  readonly system: string;
  readonly user: string;
  readonly assistant: string;
  readonly tool: string;
  readonly generate: string;
  readonly stop: readonly string[];
}

/** What a pretrained-only checkpoint sees unless its stage names a template file. */
export const plainTemplate: Template = {
  begin: '',
  system: '{content}\n\n',
  user: 'User: {content}\n\n',
  assistant: 'Assistant: {content}\n\n',
  tool: 'Tool: {content}\n\n',
  generate: 'Assistant:',
  stop: ['\nUser:', '\nAssistant:', '\nSystem:'],
};

const CONTENT = '{content}';

/** The whole prompt. Where the last message is the assistant's, the checkpoint goes on with that very text. */
export function renderPrompt(template: Template, messages: readonly Message[]): string {
  const turns = messages.map(({ role, content }) => fill(template[role], content));
  const last = messages.at(-1);
  if (last?.role !== 'assistant') return template.begin + turns.join('') + template.generate;
  const form = template.assistant;
  turns[turns.length - 1] = form.slice(0, form.indexOf(CONTENT)) + last.content;
  return template.begin + turns.join('');
}

/** Not `replace`, to which `$&` in a message would mean something. */
function fill(form: string, content: string): string {
  return form.split(CONTENT).join(content);
}

const turn = z.string().refine((text) => text.split(CONTENT).length === 2, {
  message: `holds ${CONTENT} exactly once`,
});
const schema = z.strictObject({
  begin: z.string().optional(),
  system: turn.optional(),
  user: turn.optional(),
  assistant: turn.optional(),
  tool: turn.optional(),
  generate: z.string().optional(),
  stop: z.array(z.string().min(1)).optional(),
});

/** @throws InputError naming file, line and key where the file can't be read or is no template */
export async function loadTemplate(file: string): Promise<Template> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new InputError(`the template ${file} can't be read: ${(cause as Error).message}`, { cause });
  });
  const { value, fail } = parseYaml(text, file);
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return { ...plainTemplate, ...withoutUndefined(parsed.data) };
  const mistyped = parsed.error.issues.find(({ code }) => code === 'unrecognized_keys');
  const issue = mistyped ?? parsed.error.issues[0]!;
  if (issue.code !== 'unrecognized_keys') {
    return fail(
      issue.path,
      `${issue.path.join('.')}: ${issue.message}`,
      'docs/models.md shows a whole template.',
    );
  }
  const [key = ''] = issue.keys;
  const known = Object.keys(plainTemplate);
  const meant = nearest(key, known);
  const remedy = meant === undefined ? `It may have: ${known.join(', ')}.` : `Did you mean "${meant}"?`;
  return fail([key], `a template has no "${key}"`, remedy);
}

function withoutUndefined(given: z.infer<typeof schema>): Partial<Template> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
