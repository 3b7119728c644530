import { knownOnly } from '../../core/defined-only.ts';
import type { GenerateRequest, Message, StopReason, Tool, ToolCall, Usage } from '../../core/index.ts';
import { isObject, type Members } from '../../core/parsed-json.ts';
import { readContent } from './content.ts';
import { isFilterReason } from './filter.ts';
import { nativeTurn, rememberTurn } from './native-turns.ts';
import { type Protocol, type Reading, stopSequences, type Target } from './protocol.ts';
import { servedAs } from './served.ts';
import {
  answerList,
  countOf,
  failureInside,
  listOf,
  membersOf,
  NotWhole,
  optionalMembers,
  optionalText,
  textOf,
  tokensOf,
} from './shape.ts';
import { stopOf } from './stop.ts';
import { isStrictSchema } from './strict-schema.ts';

/**
 * OpenAI chat completions, and every server that speaks them: vLLM, SGLang, llama.cpp, TGI, Ollama, OpenRouter,
 * DeepSeek, Mistral, Together, …
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 * @see https://docs.vllm.ai/en/latest/features/reasoning_outputs.html
 * @see https://openrouter.ai/docs/use-cases/reasoning-tokens
 */
export const openaiChat: Protocol = {
  name: 'openai-chat',
  path: () => '/chat/completions',
  headers: bearerHeaders,
  body(request, target) {
    return {
      model: target.model,
      messages: request.messages.map(wireMessage),
      ...samplingMembers(request, target),
      ...(request.tools?.length ? { tools: request.tools.map(wireTool) } : {}),
      ...knownOnly({
        response_format: request.schema && { type: 'json_schema', json_schema: schemaMember(request.schema) },
      }),
    };
  },
  read,
};

export function bearerHeaders(key: string | undefined): Readonly<Record<string, string>> {
  return key === undefined ? {} : { authorization: `Bearer ${key}` };
}

function samplingMembers(request: GenerateRequest, target: Target): Members {
  const { temperature, topP, maxTokens, seed } = request.sampling;
  const stop = stopSequences(request, target);
  // OpenAI's reasoning models refuse `max_tokens`; other servers often know nothing else.
  const limit = target.official ? { max_completion_tokens: maxTokens } : { max_tokens: maxTokens };
  return {
    ...limit,
    ...knownOnly({ temperature, top_p: topP, seed, stop: stop.length === 0 ? null : stop }),
  };
}

/** A schema as OpenAI's protocols wrap it. */
export function schemaMember(schema: NonNullable<GenerateRequest['schema']>): Members {
  return { name: 'answer', schema, strict: isStrictSchema(schema) };
}

function wireTool({ name, description, parameters }: Tool): Members {
  return { type: 'function', function: { name, description, parameters } };
}

function wireMessage(message: Message): Members {
  if (message.role === 'tool') {
    return { role: 'tool', tool_call_id: message.toolCallId, content: message.content };
  }
  if (message.role !== 'assistant') return { role: message.role, content: message.content };
  if (!message.toolCalls?.length) return { role: 'assistant', content: message.content };
  return {
    role: 'assistant',
    content: message.content === '' ? null : message.content,
    tool_calls: message.toolCalls.map(({ id, name, arguments: text }) => ({
      id,
      type: 'function',
      function: { name, arguments: text },
    })),
    ...optionalMembers(nativeTurn('openai-chat', message.toolCalls)),
  };
}

function read(body: Members): Reading {
  const [first] = answerList(body, 'choices');
  const choice = membersOf(first, 'choices[0]');
  if (choice.error !== undefined && choice.error !== null) throw failureInside(choice.error);
  // Azure leaves the message out where its filter stopped the answer.
  if ((choice.message === undefined || choice.message === null) && !isFilterReason(choice.finish_reason))
    throw new NotWhole('choices[0] has no message');
  const message = membersOf(choice.message ?? {}, 'choices[0].message');
  const content = readContent(message.content, 'choices[0].message.content');
  const { fields, thoughts } = readReasoning(message);
  const toolCalls = readToolCalls(message);
  rememberTurn('openai-chat', toolCalls, fields);
  const refusal = optionalText(message.refusal) || content.refusal;
  const stop = stopOf(choice.finish_reason, STOP_REASONS, 'finish_reason');
  return {
    thoughts:
      thoughts === '' || content.thoughts === ''
        ? thoughts + content.thoughts
        : `${thoughts}\n\n${content.thoughts}`,
    response: content.text === '' ? refusal : content.text,
    toolCalls,
    // Several servers end a turn of tool calls with "stop".
    stop: refusal !== '' ? 'refusal' : stop === 'end' && toolCalls.length > 0 ? 'tool-calls' : stop,
    usage: readUsage(body.usage),
    ...servedAs(body.model, body.system_fingerprint),
  };
}

/**
 * The thoughts beside the content, and the field they came in, which goes back as it is inside a tool loop. vLLM says
 * `reasoning`, as OpenRouter does; DeepSeek, SGLang and older vLLM say `reasoning_content`; OpenRouter adds
 * `reasoning_details`, which must be returned unchanged.
 */
function readReasoning(message: Members): { fields: Members; thoughts: string } {
  const fields: Record<string, unknown> = {};
  let thoughts = '';
  for (const name of ['reasoning', 'reasoning_content'] as const) {
    const text = optionalText(message[name]);
    if (text === '' || thoughts !== '') continue;
    thoughts = text;
    fields[name] = text;
  }
  if (Array.isArray(message.reasoning_details) && message.reasoning_details.length > 0) {
    fields.reasoning_details = message.reasoning_details;
    if (thoughts === '') thoughts = message.reasoning_details.map(detailText).join('');
  }
  return { fields, thoughts };
}

function detailText(detail: unknown): string {
  const { text, summary } = optionalMembers(detail);
  return optionalText(text) || optionalText(summary);
}

/** The calls of a message; one without a list, and the `function_call` of older servers, are read too. */
function readToolCalls({ tool_calls: given, function_call: older }: Members): ToolCall[] {
  if (!given || (isObject(given) && Object.keys(given).length === 0))
    return isObject(older) && older.name !== undefined
      ? readToolCalls({ tool_calls: [{ function: older }] })
      : [];
  const calls = isObject(given) ? [given] : listOf(given, 'choices[0].message.tool_calls');
  return calls.map((entry, index) => {
    const where = `choices[0].message.tool_calls[${index}]`;
    const call = membersOf(entry, where);
    const called = membersOf(call.function, `${where}.function`);
    const given = called.arguments;
    return {
      id: optionalText(call.id) || `call_${index}`,
      name: textOf(called.name, `${where}.function.name`),
      // Some servers (Ollama) give the arguments as an object.
      arguments: typeof given === 'string' ? given : JSON.stringify(given ?? {}),
    };
  });
}

const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  stop: 'end',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
};

/**
 * The usage of chat and text completions. DeepSeek counts its cache hits apart. xAI counts reasoning beside the completion;
 * its total then is the sum of all three. Some gateways give the members of the responses protocol.
 */
export function readUsage(value: unknown): Usage {
  const usage = optionalMembers(value);
  const prompt = optionalMembers(usage.prompt_tokens_details ?? usage.input_tokens_details);
  const completion = optionalMembers(usage.completion_tokens_details ?? usage.output_tokens_details);
  const thoughtTokens = countOf(completion.reasoning_tokens);
  const cachedInputTokens = countOf(prompt.cached_tokens) ?? countOf(usage.prompt_cache_hit_tokens);
  const inputTokens = tokensOf(usage.prompt_tokens) ?? tokensOf(usage.input_tokens);
  const shown = tokensOf(usage.completion_tokens) ?? tokensOf(usage.output_tokens);
  const total = tokensOf(usage.total_tokens);
  const beside =
    thoughtTokens !== null && total !== null && total === (inputTokens ?? 0) + (shown ?? 0) + thoughtTokens;
  return {
    inputTokens,
    outputTokens: beside ? (shown ?? 0) + thoughtTokens || null : shown,
    ...knownOnly({ thoughtTokens, cachedInputTokens }),
  };
}
