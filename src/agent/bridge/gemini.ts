import { assistantMessage } from '../../core/assistant-message.ts';
import type { StopReason, Tool, ToolCall } from '../../core/index.ts';
import type { Members } from '../../core/parsed-json.ts';
import type { BridgeAnswer, BridgeProtocol, BridgeRequest } from './protocol.ts';
import {
  event,
  list,
  lowerCaseTypes,
  members,
  object,
  ownTools,
  placeholder,
  Turns,
  text,
  withSystem,
} from './wire.ts';

const PATH = /^\/v1(?:beta|alpha)?\/models\/([^/:]+):(generateContent|streamGenerateContent|countTokens)$/;

/**
 * Gemini `generateContent`, `streamGenerateContent` (server-sent events) and `countTokens`.
 * @see https://ai.google.dev/api/generate-content
 */
export const gemini: BridgeProtocol = {
  name: 'gemini',
  route(method, path) {
    const action = method === 'POST' ? PATH.exec(path)?.[2] : undefined;
    if (action === undefined) return undefined;
    return action === 'countTokens' ? 'count-tokens' : 'generate';
  },
  read,
  body: (answer, request) => chunk(parts(answer), answer, request, true),
  events(answer, request) {
    const all = parts(answer);
    // An answer without any part still needs its finish reason.
    if (all.length === 0) return [event(chunk([], answer, request, true))];
    return all.map((part, index) => event(chunk([part], answer, request, index === all.length - 1)));
  },
  ping: '\n',
  tokenCount: (totalTokens) => ({ totalTokens }),
  error(message) {
    const body = { error: { code: 400, message, status: 'INVALID_ARGUMENT' } };
    // Inside a stream the client looks for the bare error, without `data:`.
    return { status: 400, body, event: JSON.stringify(body) };
  },
};

function read(value: unknown, { path }: { readonly path: string }): BridgeRequest {
  const whole = object(value, 'the body');
  // countTokens may wrap the request that it is about.
  const body = 'generateContentRequest' in whole ? members(whole.generateContentRequest) : whole;
  const [, model = '', action] = PATH.exec(path) ?? [];
  const unread: string[] = [];
  const turns = new Turns();
  for (const entry of list(body.contents)) readContent(members(entry), turns, unread);
  const config = members(body.generationConfig);
  const schema = config.responseJsonSchema ?? config.responseSchema;
  const system = list(members(body.systemInstruction).parts).map((part) => text(members(part).text));
  return {
    messages: withSystem(system, turns.messages),
    tools: readTools(list(body.tools), unread),
    ...(schema === undefined ? {} : { schema: lowerCaseTypes(schema) }),
    ...(schema === undefined && config.responseMimeType === 'application/json' ? { purpose: 'json' } : {}),
    stream: action === 'streamGenerateContent',
    model,
    unread,
    body,
  };
}

/** A content is a turn of the user or the model; results of tools are among the user's. */
function readContent(content: Members, turns: Turns, unread: string[]): void {
  const said: string[] = [];
  const thoughts: string[] = [];
  const toolCalls: ToolCall[] = [];
  for (const entry of list(content.parts)) {
    const part = members(entry);
    if (typeof part.text === 'string') (part.thought === true ? thoughts : said).push(part.text);
    else if (part.functionCall !== undefined) toolCalls.push(readCall(members(part.functionCall)));
    else if (part.functionResponse !== undefined)
      turns.add(readResult(members(part.functionResponse), unread));
    else {
      const kind = text(members(part.inlineData ?? part.fileData).mimeType) || Object.keys(part)[0] || 'part';
      unread.push(kind);
      said.push(placeholder(kind));
    }
  }
  if (content.role === 'model') {
    const thought = thoughts.length === 0 ? undefined : thoughts.join('');
    turns.add(assistantMessage(said.join(''), thought, toolCalls));
  } else if (said.length > 0) turns.add({ role: 'user', content: said.join('\n\n') });
}

function readCall(call: Members): ToolCall {
  return { id: text(call.id), name: text(call.name), arguments: JSON.stringify(call.args ?? {}) };
}

function readResult(result: Members, unread: string[]) {
  const response = members(result.response);
  const failed = response.error !== undefined && response.output === undefined;
  const only = failed ? response.error : response.output;
  const shown = list(result.parts).map((part) => {
    const kind = text(members(members(part).inlineData).mimeType) || 'part';
    unread.push(kind);
    return placeholder(kind);
  });
  const content = typeof only === 'string' ? only : JSON.stringify(only ?? response);
  return {
    role: 'tool' as const,
    content: [content, ...shown].join('\n'),
    toolCallId: text(result.id),
    ...(failed ? { isError: true } : {}),
  };
}

/** @throws BridgeRefusal as `ownTools` */
function readTools(entries: readonly unknown[], unread: string[]): Tool[] {
  const kinds = entries.flatMap((entry) => Object.keys(members(entry)));
  const declared = entries.flatMap((entry) => list(members(entry).functionDeclarations));
  return ownTools(
    declared.map((tool) => readTool(members(tool))),
    kinds.filter((kind) => kind !== 'functionDeclarations'),
    unread,
  );
}

function readTool(tool: Members): Tool {
  const parameters = tool.parametersJsonSchema ?? tool.parameters;
  return {
    name: text(tool.name),
    description: text(tool.description),
    parameters: parameters === undefined ? { type: 'object', properties: {} } : lowerCaseTypes(parameters),
  };
}

function parts({ thoughts, response, calls }: BridgeAnswer): Members[] {
  return [
    ...(thoughts === '' ? [] : [{ text: thoughts, thought: true }]),
    ...(response === '' ? [] : [{ text: response }]),
    ...calls.map(({ id, name, arguments: args }) => ({ functionCall: { id, name, args } })),
  ];
}

const FINISH: Readonly<Record<StopReason, string>> = {
  end: 'STOP',
  'tool-calls': 'STOP',
  length: 'MAX_TOKENS',
  refusal: 'SAFETY',
  other: 'OTHER',
};

function chunk(own: Members[], answer: BridgeAnswer, request: BridgeRequest, last: boolean): Members {
  const { id, stop, inputTokens, outputTokens } = answer;
  return {
    candidates: [
      { index: 0, content: { role: 'model', parts: own }, ...(last ? { finishReason: FINISH[stop] } : {}) },
    ],
    usageMetadata: {
      promptTokenCount: inputTokens,
      candidatesTokenCount: outputTokens,
      totalTokenCount: inputTokens + outputTokens,
    },
    modelVersion: request.model,
    responseId: id,
  };
}
