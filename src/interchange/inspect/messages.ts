import { digestOfText, type Json, type JsonObject, type Message, type ToolCall } from '../../core/index.ts';
import { isObject } from '../../core/parsed-json.ts';
import { asObject, asObjects, asText } from './json-access.ts';
import { RAW } from './write-messages.ts';

/** Gives the content of a reference such as `attachment://…`, and any other text as it is. */
export type Resolve = (text: string) => string;

/**
 * An Inspect message as messages of stemma. Texts are joined as Inspect's own `.text` joins them; reasoning parts become
 * thoughts. A tool that the provider ran becomes a call and its result; an image or another file becomes a mark with a digest.
 *
 * @returns one message, and the results of tools that the provider ran
 */
export function readMessage(message: JsonObject, resolve: Resolve): readonly Message[] {
  const { role } = message;
  const parts = readContent(message.content, resolve);
  if (role === 'assistant') return assistantMessages(message, parts, resolve);
  if (role === 'tool') {
    const error = asText(asObject(message.error).message);
    return [
      {
        role: 'tool',
        content: parts.text === '' && error !== null ? resolve(error) : withMedia(parts),
        toolCallId: asText(message.tool_call_id) ?? '',
        ...(isObject(message.error) || typeof message.tool_error === 'string' ? { isError: true } : {}),
      },
    ];
  }
  return [{ role: role === 'system' ? 'system' : 'user', content: withMedia(parts) }];
}

function assistantMessages(message: JsonObject, parts: ContentParts, resolve: Resolve): Message[] {
  // Logs of early 2025 have the thoughts beside the content.
  const earlier = asText(message.reasoning);
  const thoughts = [...(earlier === null ? [] : [resolve(earlier)]), ...parts.thoughts];
  const calls = [...asObjects(message.tool_calls).map((call) => readCall(call, resolve)), ...parts.calls];
  return [
    {
      role: 'assistant',
      content: parts.text,
      ...(thoughts.length === 0 ? {} : { thoughts: thoughts.join('\n\n') }),
      ...(calls.length === 0 ? {} : { toolCalls: calls }),
    },
    ...parts.results,
  ];
}

interface ContentParts {
  readonly text: string;
  readonly thoughts: readonly string[];
  readonly media: readonly string[];
  readonly calls: readonly ToolCall[];
  readonly results: readonly Message[];
}

function readContent(content: Json | undefined, resolve: Resolve): ContentParts {
  if (typeof content === 'string') {
    return { text: resolve(content), thoughts: [], media: [], calls: [], results: [] };
  }
  const parts = asObjects(content);
  const ofType = (type: string) => parts.filter((part) => part.type === type);
  const textOf = (part: JsonObject, key: string) => resolve(asText(part[key]) ?? '');
  const tools = ofType('tool_use');
  return {
    text: ofType('text')
      .map((part) => textOf(part, 'text'))
      .join('\n'),
    thoughts: ofType('reasoning')
      .map((part) => (part.redacted === true ? textOf(part, 'summary') : textOf(part, 'reasoning')))
      .filter((text) => text !== ''),
    media: parts.flatMap((part) => mediaMark(part, resolve)),
    calls: tools.map((part) => ({
      id: textOf(part, 'id'),
      name: textOf(part, 'name'),
      arguments: textOf(part, 'arguments'),
    })),
    results: tools.map((part) => ({
      role: 'tool',
      content: textOf(part, 'result'),
      toolCallId: textOf(part, 'id'),
      ...(asText(part.error) === null ? {} : { isError: true }),
    })),
  };
}

const MEDIA = ['image', 'audio', 'video', 'document', 'data'] as const;

/** Files are not kept, but two prompts with different files are different prompts. */
function mediaMark(part: JsonObject, resolve: Resolve): string[] {
  const kind = MEDIA.find((known) => known === part.type);
  if (kind === undefined) return [];
  const content = part[kind];
  const text = typeof content === 'string' ? resolve(content) : JSON.stringify(content ?? null);
  return [`[${kind} ${digestOfText(text).slice(0, 12)}]`];
}

function withMedia({ text, media }: ContentParts): string {
  return [...(text === '' ? [] : [text]), ...media].join('\n');
}

function readCall(call: JsonObject, resolve: Resolve): ToolCall {
  const unparsed = typeof call.parse_error === 'string' ? asText(asObject(call.arguments)[RAW]) : null;
  const written = unparsed ?? call.arguments;
  return {
    id: asText(call.id) ?? '',
    name: asText(call.function) ?? '',
    arguments:
      typeof written === 'string' ? resolve(written) : JSON.stringify(resolved(written ?? {}, resolve)),
  };
}

/** All references in a value, resolved. */
export function resolved(value: Json, resolve: Resolve): Json {
  if (typeof value === 'string') return resolve(value);
  if (Array.isArray(value)) return value.map((item) => resolved(item, resolve));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, resolved(member, resolve)]));
}
