import { knownOnly } from '../../core/defined-only.ts';
import type { GenerateRequest, Message, Tool, ToolCall, Usage } from '../../core/index.ts';
import type { Members } from '../../core/parsed-json.ts';
import { readContent } from './content.ts';
import { nativeTurn, rememberTurn } from './native-turns.ts';
import { bearerHeaders, schemaMember } from './openai-chat.ts';
import type { Protocol, Reading, Target } from './protocol.ts';
import { servedAs } from './served.ts';
import {
  answerList,
  countOf,
  FailureInside,
  membersOf,
  NotWhole,
  optionalMembers,
  optionalText,
  textOf,
  tokensOf,
  WrongShape,
} from './shape.ts';
import { stopOf } from './stop.ts';
import { isStrictSchema } from './strict-schema.ts';

/**
 * OpenAI responses, used without the provider's memory: every request carries the whole conversation, `store` is off.
 * The protocol has neither a seed nor stop sequences.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/create
 */
export const openaiResponses: Protocol = {
  name: 'openai-responses',
  path: () => '/responses',
  headers: bearerHeaders,
  body(request, target) {
    const { temperature, topP, maxTokens } = request.sampling;
    return {
      model: target.model,
      input: request.messages.flatMap(wireItems),
      max_output_tokens: maxTokens,
      store: false,
      ...knownOnly({ temperature, top_p: topP }),
      ...toolMembers(request.tools, target),
      ...knownOnly({
        text: request.schema && { format: { type: 'json_schema', ...schemaMember(request.schema) } },
      }),
    };
  },
  read,
};

function toolMembers(tools: GenerateRequest['tools'], target: Target): Members {
  if (!tools?.length) return {};
  return {
    tools: tools.map(wireTool),
    // Nothing is stored, so a reasoning model gets its thoughts back only if they come out encrypted.
    ...(target.official ? { include: ['reasoning.encrypted_content'] } : {}),
  };
}

function wireTool({ name, description, parameters }: Tool): Members {
  return { type: 'function', name, description, parameters, strict: isStrictSchema(parameters) };
}

function wireItems(message: Message): readonly unknown[] {
  if (message.role === 'tool') {
    return [{ type: 'function_call_output', call_id: message.toolCallId, output: message.content }];
  }
  if (message.role !== 'assistant') return [{ role: message.role, content: message.content }];
  const native = nativeTurn('openai-responses', message.toolCalls);
  if (Array.isArray(native)) return native;
  return [
    ...(message.content === '' ? [] : [{ role: 'assistant', content: message.content }]),
    ...(message.toolCalls ?? []).map(({ id, name, arguments: text }) => ({
      type: 'function_call',
      call_id: id,
      name,
      arguments: text,
    })),
  ];
}

function read(body: Members): Reading {
  if (body.status === 'failed' || body.status === 'cancelled') throw failure(body);
  if (body.status === 'in_progress' || body.status === 'queued')
    throw new NotWhole(`its status is "${body.status}"`);
  // Thoughts that used up all tokens leave nothing, and a filter may leave nothing.
  const isEmpty = body.output == null || (Array.isArray(body.output) && body.output.length === 0);
  const output = body.status === 'incomplete' && isEmpty ? [] : answerList(body, 'output');
  const thoughts: string[] = [];
  const texts: string[] = [];
  const refusals: string[] = [];
  const toolCalls: ToolCall[] = [];
  output.forEach((entry, index) => {
    const item = membersOf(entry, `output[${index}]`);
    if (item.type === 'reasoning') thoughts.push(reasoningText(item));
    if (item.type === 'message') readMessage(item, `output[${index}]`, texts, refusals);
    if (item.type === 'function_call') toolCalls.push(readToolCall(item, `output[${index}]`));
  });
  rememberTurn('openai-responses', toolCalls, output);
  return {
    thoughts: thoughts.filter((part) => part !== '').join('\n\n'),
    response: (texts.length > 0 ? texts : refusals).join('\n\n'),
    toolCalls,
    stop: refusals.length > 0 ? 'refusal' : stopReason(body, toolCalls),
    usage: readUsage(body.usage),
    ...servedAs(body.model, body.system_fingerprint),
  };
}

function readMessage(item: Members, where: string, texts: string[], refusals: string[]): void {
  if (item.content === undefined || item.content === null) throw new WrongShape(`${where} has no content`);
  const content = readContent(item.content, `${where}.content`);
  if (content.refusal !== '') refusals.push(content.refusal);
  if (content.text !== '') texts.push(content.text);
}

/** Open models show their reasoning in `content`; OpenAI's own show a `summary`, where the request asks for one. */
function reasoningText(item: Members): string {
  for (const list of [item.content, item.summary]) {
    if (!Array.isArray(list) || list.length === 0) continue;
    return list.map((part) => optionalText(optionalMembers(part).text)).join('\n\n');
  }
  return '';
}

function readToolCall(item: Members, where: string): ToolCall {
  return {
    id: textOf(item.call_id, `${where}.call_id`),
    name: textOf(item.name, `${where}.name`),
    arguments: textOf(item.arguments, `${where}.arguments`),
  };
}

function stopReason(body: Members, toolCalls: readonly ToolCall[]): Reading['stop'] {
  if (body.status === 'incomplete') {
    const { reason } = optionalMembers(body.incomplete_details);
    const stop = stopOf(reason, { max_output_tokens: 'length' }, 'incomplete_details.reason');
    return stop === 'length' || stop === 'refusal' ? stop : 'other';
  }
  if (body.status === undefined) return 'not-said';
  if (body.status !== 'completed') return 'other';
  return toolCalls.length > 0 ? 'tool-calls' : 'end';
}

/** A response that failed says why by a code instead of an HTTP status. */
function failure(body: Members): FailureInside {
  const { code, message } = optionalMembers(body.error);
  const status =
    code === 'rate_limit_exceeded' ? 429 : code === 'server_error' || code === undefined ? 500 : 400;
  return new FailureInside(
    status,
    optionalText(message) || `the response's status is ${body.status}`,
    body.error ?? undefined,
  );
}

function readUsage(value: unknown): Usage {
  const usage = optionalMembers(value);
  const cachedInputTokens = countOf(optionalMembers(usage.input_tokens_details).cached_tokens);
  const thoughtTokens = countOf(optionalMembers(usage.output_tokens_details).reasoning_tokens);
  return {
    inputTokens: tokensOf(usage.input_tokens),
    outputTokens: tokensOf(usage.output_tokens),
    ...knownOnly({ thoughtTokens, cachedInputTokens }),
  };
}
