import { readFileSync } from 'node:fs';
import { assistantMessage } from '../core/assistant-message.ts';
import type { GenerateRequest, Generation, Message, Tool } from '../core/index.ts';
import type { AgentTool, ToolMessage } from './agent.ts';
import { type AgentTurn, type Dialogue, sayTurn, sayUser } from './dialogue.ts';
import { plainArgument, readAction } from './text-protocol.ts';

const template = readFileSync(new URL('./text-protocol.md', import.meta.url), 'utf8').replaceAll(
  '\r\n',
  '\n',
);

/**
 * Tool calls for checkpoints that have none of their own: blocks in the text (text-protocol.ts), results as user messages.
 *
 * The transcript holds the same as in the native protocol: what was in the block as a tool call, what was around it as
 * the response. The checkpoint sees its own words unchanged; they are in the transcript's `raw` too.
 */
export class TextDialogue implements Dialogue {
  readonly protocol = 'text';
  readonly #messages: Message[];
  readonly #tools: readonly Tool[];
  #turns = 0;

  constructor(messages: readonly Message[], tools: readonly AgentTool[]) {
    this.#tools = tools.map(({ tool }) => tool);
    this.#messages = withInstructions(messages, textInstructions(this.#tools));
  }

  request(): Pick<GenerateRequest, 'messages' | 'tools'> {
    return { messages: [...this.#messages] };
  }

  hear({ thoughts, response, stop }: Generation): AgentTurn {
    this.#turns++;
    sayTurn(this.#messages, assistantMessage(response, thoughts, []));
    const action = readAction(response, this.#tools, { cutOff: stop === 'length' });
    if (action.kind === 'none') return { message: assistantMessage(response, thoughts, []) };
    if (action.kind === 'fault')
      return { message: assistantMessage(response, thoughts, []), fault: action.why };
    const call = { id: `turn-${this.#turns}`, name: action.name, arguments: action.arguments };
    return { message: assistantMessage(action.around, thoughts, [call]) };
  }

  answer(answers: readonly ToolMessage[]): void {
    for (const { content, isError } of answers) {
      sayUser(this.#messages, `${isError ? 'Error' : 'Result'}:\n${content}`);
    }
  }

  say(text: string): void {
    sayUser(this.#messages, text);
  }
}

function withInstructions(messages: readonly Message[], instructions: string): Message[] {
  const [first, ...rest] = messages;
  if (first?.role !== 'system') return [{ role: 'system', content: instructions }, ...messages];
  return [{ role: 'system', content: `${first.content}\n\n${instructions}` }, ...rest];
}

/** What a checkpoint is told of these tools and of how to call them; it is at the end of its system message. */
export function textInstructions(tools: readonly Tool[]): string {
  const values: Readonly<Record<string, string>> = {
    forms: formsOf(tools).join('\n\n'),
    tools: tools.map(describe).join('\n'),
  };
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => values[name]!).trim();
}

function formsOf(tools: readonly Tool[]): string[] {
  const plain = tools.filter((tool) => plainArgument(tool) !== undefined);
  const forms = plain.map(
    (tool) =>
      `To use ${tool.name}, write its ${plainArgument(tool)} as it is:\n\n\`\`\`${tool.name}\n…\n\`\`\``,
  );
  const other = tools.find((tool) => plainArgument(tool) === undefined);
  if (other === undefined) return forms;
  const words = plain.length === 0 ? 'To use a tool' : 'To use another tool';
  const example = '```action\n{"tool": "NAME", "arguments": {…}}\n```';
  return [...forms, `${words}, write a JSON object with its name and its arguments:\n\n${example}`];
}

function describe(tool: Tool): string {
  const about = `- ${tool.name}: ${tool.description}`;
  return plainArgument(tool) === undefined
    ? `${about} Its arguments, as JSON Schema: ${JSON.stringify(tool.parameters)}`
    : about;
}
