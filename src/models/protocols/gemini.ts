import { knownOnly } from '../../core/defined-only.ts';
import type { GenerateRequest, Message, StopReason, Tool, ToolCall, Usage } from '../../core/index.ts';
import type { Members } from '../../core/parsed-json.ts';
import { nativeTurn, rememberTurn } from './native-turns.ts';
import { argumentsObject, type Protocol, type Reading, stopSequences, type Target } from './protocol.ts';
import { servedAs } from './served.ts';
import {
  answerList,
  countOf,
  listOf,
  membersOf,
  optionalMembers,
  optionalText,
  textOf,
  tokensOf,
} from './shape.ts';
import { stopOf } from './stop.ts';

/**
 * Gemini generateContent.
 *
 * @see https://ai.google.dev/api/generate-content
 * @see https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export const gemini: Protocol = {
  name: 'gemini',
  path: ({ model }) => {
    const name = model.includes('/') ? model : `models/${model}`;
    return `/${name.split('/').map(encodeURIComponent).join('/')}:generateContent`;
  },
  headers: (key) => (key === undefined ? {} : { 'x-goog-api-key': key }),
  body(request, target) {
    const system = request.messages.filter(({ role }) => role === 'system').map(({ content }) => content);
    return {
      ...(system.length === 0 ? {} : { systemInstruction: { parts: [{ text: system.join('\n\n') }] } }),
      contents: wireContents(request.messages),
      generationConfig: generationConfig(request, target),
      ...(request.tools?.length ? { tools: [{ functionDeclarations: request.tools.map(wireTool) }] } : {}),
    };
  },
  read,
};

function generationConfig(request: GenerateRequest, target: Target): Members {
  const { temperature, topP, maxTokens, seed } = request.sampling;
  const stop = stopSequences(request, target);
  return knownOnly({
    ...{ maxOutputTokens: maxTokens, temperature, topP, seed },
    stopSequences: stop.length === 0 ? null : stop,
    responseMimeType: request.schema && 'application/json',
    responseJsonSchema: request.schema,
  });
}

function wireTool({ name, description, parameters }: Tool): Members {
  return { name, description, parametersJsonSchema: parameters };
}

/** Ids that this client gave to calls that came without one; the provider never sees them. */
const OWN_ID = /^stemma-call-\d+$/;

/** What Google documents for calls that Gemini did not make itself; Gemini 3 rejects a first call without a signature. */
const FOREIGN_SIGNATURE = 'skip_thought_signature_validator';

/** Consecutive turns of one side become one: the results of parallel calls must be together. */
function wireContents(messages: readonly Message[]): readonly unknown[] {
  const contents: unknown[] = [];
  const calls = new Map<string, ToolCall>();
  let results: unknown[] | null = null;
  for (const message of messages) {
    if (message.role === 'system') continue;
    if (message.role === 'tool') {
      if (results === null) {
        results = [];
        contents.push({ role: 'user', parts: results });
      }
      results.push(functionResponse(message, calls.get(message.toolCallId)));
      continue;
    }
    results = null;
    if (message.role === 'user') {
      contents.push({ role: 'user', parts: [{ text: message.content }] });
      continue;
    }
    for (const call of message.toolCalls ?? []) calls.set(call.id, call);
    contents.push(nativeTurn('gemini', message.toolCalls) ?? { role: 'model', parts: modelParts(message) });
  }
  return contents;
}

function functionResponse(message: Message & { role: 'tool' }, call: ToolCall | undefined): Members {
  const { toolCallId, content, isError } = message;
  return {
    functionResponse: {
      ...(OWN_ID.test(toolCallId) ? {} : { id: toolCallId }),
      name: call?.name ?? toolCallId,
      response: isError ? { error: content } : { output: content },
    },
  };
}

function modelParts({ content, toolCalls = [] }: Message & { role: 'assistant' }): readonly Members[] {
  return [
    ...(content === '' && toolCalls.length > 0 ? [] : [{ text: content }]),
    ...toolCalls.map((call, index) => ({
      functionCall: {
        ...(OWN_ID.test(call.id) ? {} : { id: call.id }),
        name: call.name,
        args: argumentsObject(call),
      },
      ...(index === 0 ? { thoughtSignature: FOREIGN_SIGNATURE } : {}),
    })),
  ];
}

function read(body: Members, request: GenerateRequest): Reading {
  const usage = readUsage(body.usageMetadata);
  const served = servedAs(body.modelVersion);
  const nothing = { thoughts: '', response: '', toolCalls: [], usage, ...served };
  const answered = Array.isArray(body.candidates) && body.candidates.length > 0;
  if (!answered && optionalMembers(body.promptFeedback).blockReason !== undefined) {
    return { ...nothing, stop: 'refusal' };
  }
  const [first] = answerList(body, 'candidates');
  const candidate = membersOf(first, 'candidates[0]');
  const stop = stopOf(candidate.finishReason, STOP_REASONS, 'finishReason');
  const content = optionalMembers(candidate.content);
  // A candidate that a filter stopped, or whose thoughts used up all tokens, has no parts.
  if (content.parts === undefined && candidate.finishReason !== undefined) return { ...nothing, stop };
  const { thoughts, response, toolCalls } = readParts(content, firstOwnId(request.messages));
  rememberTurn('gemini', toolCalls, content);
  return {
    thoughts,
    response,
    toolCalls,
    usage,
    ...served,
    stop: stop === 'end' && toolCalls.length > 0 ? 'tool-calls' : stop,
  };
}

function readParts(content: Members, ownId: number): Pick<Reading, 'thoughts' | 'response' | 'toolCalls'> {
  let thoughts = '';
  let response = '';
  const toolCalls: ToolCall[] = [];
  listOf(content.parts, 'candidates[0].content.parts').forEach((entry, index) => {
    const part = membersOf(entry, `candidates[0].content.parts[${index}]`);
    if (part.functionCall !== undefined) {
      const where = `candidates[0].content.parts[${index}].functionCall`;
      const call = membersOf(part.functionCall, where);
      toolCalls.push({
        id: optionalText(call.id) || `stemma-call-${ownId + toolCalls.length}`,
        name: textOf(call.name, `${where}.name`),
        arguments: JSON.stringify(call.args ?? {}),
      });
    } else if (part.thought === true) thoughts += optionalText(part.text);
    else response += optionalText(part.text);
  });
  return { thoughts, response, toolCalls };
}

/** Call ids must differ within a conversation, so they count on from the calls already in it. */
function firstOwnId(messages: readonly Message[]): number {
  let calls = 0;
  for (const message of messages) if (message.role === 'assistant') calls += message.toolCalls?.length ?? 0;
  return calls + 1;
}

/** RECITATION (copyright) and LANGUAGE stop an answer too, but are not refusals: `other`. */
const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  STOP: 'end',
  MAX_TOKENS: 'length',
  SAFETY: 'refusal',
  BLOCKLIST: 'refusal',
  PROHIBITED_CONTENT: 'refusal',
  SPII: 'refusal',
  MODEL_ARMOR: 'refusal',
  IMAGE_SAFETY: 'refusal',
  IMAGE_PROHIBITED_CONTENT: 'refusal',
};

/** Gemini counts thoughts beside the candidate's tokens; here output is both. */
function readUsage(value: unknown): Usage {
  const usage = optionalMembers(value);
  const shown = tokensOf(usage.candidatesTokenCount);
  const thoughtTokens = countOf(usage.thoughtsTokenCount);
  const cachedInputTokens = countOf(usage.cachedContentTokenCount);
  return {
    inputTokens: tokensOf(usage.promptTokenCount),
    outputTokens: shown === null && thoughtTokens === null ? null : (shown ?? 0) + (thoughtTokens ?? 0),
    ...knownOnly({ thoughtTokens, cachedInputTokens }),
  };
}
