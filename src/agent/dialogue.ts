import { assistantMessage } from '../core/assistant-message.ts';
import type { GenerateRequest, Generation, Message } from '../core/index.ts';
import type { AgentTool, AssistantMessage, ToolMessage } from './agent.ts';
import { readTextCalls } from './text-calls.ts';

/** The conversation as the checkpoint sees it: how it is told of tools, how its calls are read, how it is answered. */
export interface Dialogue {
  readonly protocol: 'native' | 'text';
  /** What the next call asks. */
  request(): Pick<GenerateRequest, 'messages' | 'tools'>;
  /** Reads a turn, and takes it into the conversation. */
  hear(generation: Generation): AgentTurn;
  /** The answers to the calls of the last turn, in order. */
  answer(answers: readonly ToolMessage[]): void;
  /** A user turn. */
  say(text: string): void;
}

export interface AgentTurn {
  /** For the transcript; its `toolCalls` are those to be run, the same in every protocol. */
  readonly message: AssistantMessage;
  /** What is wrong with how the turn calls a tool, said to the checkpoint; then there are no calls. */
  readonly fault?: string;
  /** Calls that the server left in the text, and that were read from there. */
  readonly fromText?: number;
}

/** Tool calls as the provider's own protocol has them. */
export class NativeDialogue implements Dialogue {
  readonly protocol = 'native';
  readonly #messages: Message[];
  readonly #tools: GenerateRequest['tools'];
  #turns = 0;

  constructor(messages: readonly Message[], tools: readonly AgentTool[]) {
    this.#messages = [...messages];
    this.#tools = tools.map(({ tool }) => tool);
  }

  request(): Pick<GenerateRequest, 'messages' | 'tools'> {
    return { messages: [...this.#messages], ...(this.#tools?.length ? { tools: this.#tools } : {}) };
  }

  hear({ thoughts, response, toolCalls, stop }: Generation): AgentTurn {
    if (toolCalls.length === 0 && stop !== 'refusal') {
      const turn = this.#hearText(response, thoughts);
      if (turn !== undefined) return turn;
    }
    // The very objects: a client knows its own thoughts and signatures again by the first of them.
    const message = assistantMessage(response, thoughts, withUniqueIds(toolCalls));
    sayTurn(this.#messages, message);
    return { message };
  }

  /** A server that has no parser for the calls of its model leaves them in the text. */
  #hearText(response: string, thoughts: string | undefined): AgentTurn | undefined {
    const read = readTextCalls(response, this.#tools ?? []);
    if (read.kind === 'none') return undefined;
    this.#turns++;
    if (read.kind === 'fault') {
      const message = assistantMessage(response, thoughts, []);
      sayTurn(this.#messages, message);
      return { message, fault: read.why };
    }
    const calls = read.calls.map((call, index) => ({ id: `text-${this.#turns}-${index}`, ...call }));
    const message = assistantMessage(read.around, thoughts, calls);
    sayTurn(this.#messages, message);
    return { message, fromText: calls.length };
  }

  answer(answers: readonly ToolMessage[]): void {
    this.#messages.push(...answers);
  }

  say(text: string): void {
    sayUser(this.#messages, text);
  }
}

/** Adds the checkpoint's turn. An empty one is left out: providers refuse it, and it says nothing. */
export function sayTurn(messages: Message[], message: AssistantMessage): void {
  if (message.content !== '' || message.toolCalls !== undefined) messages.push(message);
}

/** Adds a user turn, or goes on with the last: many chat templates refuse two in a row. */
export function sayUser(messages: Message[], text: string): void {
  const last = messages.at(-1);
  if (last?.role === 'user')
    messages[messages.length - 1] = { role: 'user', content: `${last.content}\n\n${text}` };
  else messages.push({ role: 'user', content: text });
}

/** What follows an id that came twice in a turn, so that each call can be answered; the call itself is refused. */
export const DUPLICATE = '/again-';

function withUniqueIds(calls: Generation['toolCalls']): Generation['toolCalls'] {
  const seen = new Set<string>();
  return calls.map((call, index) => {
    if (!seen.has(call.id)) {
      seen.add(call.id);
      return call;
    }
    return { ...call, id: `${call.id}${DUPLICATE}${index}` };
  });
}
