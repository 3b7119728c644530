import { z } from 'zod';
import type { Message } from '../../core/index.ts';
import { readDocument } from '../../files/index.ts';

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
  message: `must hold ${CONTENT} exactly once; docs/models.md shows a whole template`,
});
const schema = z.strictObject({
  begin: z.string().default(plainTemplate.begin),
  system: turn.default(plainTemplate.system),
  user: turn.default(plainTemplate.user),
  assistant: turn.default(plainTemplate.assistant),
  tool: turn.default(plainTemplate.tool),
  generate: z.string().default(plainTemplate.generate),
  stop: z.array(z.string().min(1)).default([...plainTemplate.stop]),
});

/** @throws InputError naming file, line and key of all that is wrong, or when the file can't be read */
export function loadTemplate(file: string): Template {
  return readDocument(file, schema, { what: 'template', empty: {}, begins: SHOWN_IN }).value;
}

const SHOWN_IN = 'docs/models.md shows a whole template.';
