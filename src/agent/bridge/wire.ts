import { assistantMessage } from '../../core/assistant-message.ts';
import type { JsonSchema, Message, Tool } from '../../core/index.ts';
import { isObject, type Members } from '../../core/parsed-json.ts';
import { BridgeRefusal } from './protocol.ts';

/** @throws BridgeRefusal unless the value is an object */
export function object(value: unknown, where: string): Members {
  if (isObject(value)) return value;
  throw new BridgeRefusal(`${where} is not an object`);
}

/** The members of an object; none for anything else. */
export function members(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** One server-sent event. */
export function event(data: unknown, name?: string): string {
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;
}

/** What is in a text for a part that no text can hold. */
export function placeholder(kind: string): string {
  return `[${kind}: not shown, the bridge carries text only]`;
}

/**
 * About how many tokens a text has: CLIs ask before they send, and shorten the history by it. Four characters a token is
 * the rule of thumb that they use themselves.
 */
export function estimateTokens(...texts: readonly string[]): number {
  return Math.ceil(texts.reduce((sum, { length }) => sum + length, 0) / 4);
}

/** The same of a whole request. */
export function requestTokens(messages: readonly Message[], tools: readonly Tool[]): number {
  return estimateTokens(...messages.map(({ content }) => content), JSON.stringify(tools));
}

/**
 * The tools of a request that its client runs itself, where there are any.
 *
 * @param others kinds of the tools that are the provider's (web search): nothing here can do that
 * @throws BridgeRefusal for a request that has no other tools
 */
export function ownTools(tools: Tool[], others: readonly string[], unread: string[]): Tool[] {
  unread.push(...others);
  if (tools.length > 0 || others.length === 0) return tools;
  throw new BridgeRefusal(`there is no ${others.join(', ')} here: the sandbox has no network`);
}

/** JSON Schema from a Gemini schema, whose type names are in capitals. */
export function lowerCaseTypes(schema: unknown): JsonSchema {
  const convert = (value: unknown, key?: string): unknown => {
    if (Array.isArray(value)) return value.map((entry) => convert(entry));
    if (key === 'type' && typeof value === 'string') return value.toLowerCase();
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, convert(member, name)]));
  };
  return convert(schema) as JsonSchema;
}

/**
 * System text in one message at the start; what a CLI slips in as `system` later on stands as a user turn, since the chat
 * templates of most open models take a system message at the start only.
 */
export function withSystem(system: readonly string[], turns: readonly Message[]): readonly Message[] {
  const later = turns.findIndex(({ role }) => role !== 'system');
  const leading = (later === -1 ? turns : turns.slice(0, later)).map(({ content }) => content);
  const content = [...system, ...leading].filter((part) => part.trim() !== '').join('\n\n');
  const rest = (later === -1 ? [] : turns.slice(later)).map(
    (message): Message => (message.role === 'system' ? { role: 'user', content: message.content } : message),
  );
  return content === '' ? rest : [{ role: 'system', content }, ...rest];
}

/** The turns of a conversation under construction, neighbouring pieces of one assistant turn put together. */
export class Turns {
  readonly messages: Message[] = [];

  add(message: Message): void {
    const last = this.messages.at(-1);
    if (message.role !== 'assistant' || last?.role !== 'assistant') {
      this.messages.push(message);
      return;
    }
    const thoughts = [last.thoughts, message.thoughts].filter(Boolean).join('\n\n') || undefined;
    const toolCalls = [...(last.toolCalls ?? []), ...(message.toolCalls ?? [])];
    const content = last.content + message.content;
    this.messages[this.messages.length - 1] = assistantMessage(content, thoughts, toolCalls);
  }
}
