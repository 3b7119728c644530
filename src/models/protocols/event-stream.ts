import { type Members, parsedJson } from '../../core/parsed-json.ts';
import { NotWhole, optionalMembers, optionalText, reportedError } from './shape.ts';

/** Whether an answer is a stream of events, though none was asked for. */
export function isEventStream(contentType: string | undefined, text: string): boolean {
  if (contentType?.toLowerCase().includes('text/event-stream')) return true;
  return /^\s{0,64}(?:data:|event:|: )/.test(text);
}

/**
 * The body that a server would have sent without streaming, put together from its events. The protocol is told by the events:
 * chat and text completions (`choices`), Anthropic messages (`message_start`, …), responses (`response.completed`) and
 * Gemini (`candidates`).
 *
 * @throws NotWhole where the stream was cut: no event says that it is complete
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 * @example assembled('data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n').choices
 * // => [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }]
 */
export function assembled(text: string): Members {
  const { events, done } = eventsOf(text);
  const failed = events.find(isFailure);
  if (failed !== undefined) return failed.response === undefined ? failed : optionalMembers(failed.response);
  const completed = events.find(
    ({ type }) => type === 'response.completed' || type === 'response.incomplete',
  );
  if (completed !== undefined) return optionalMembers(completed.response);
  const body = events.some(({ type }) => type === 'message_start')
    ? anthropicBody(events)
    : events.some(
          ({ candidates, promptFeedback }) => Array.isArray(candidates) || promptFeedback !== undefined,
        )
      ? geminiBody(events)
      : choicesBody(events, done);
  if (body === null) throw new NotWhole(`it is a stream of ${events.length} events that was cut`);
  return body;
}

/** Whether an event says that the server failed, or that a filter stopped the answer. */
function isFailure(event: Members): boolean {
  const inChoice = firstChoice(event)?.error ?? undefined;
  return event.type === 'response.failed' || reportedError(event) !== undefined || inChoice !== undefined;
}

/** @throws NotWhole where an event is not JSON: a piece of the answer is lost then */
function eventsOf(text: string): { events: Members[]; done: boolean } {
  const events: Members[] = [];
  let data: string[] = [];
  let name = '';
  let done = false;
  const end = () => {
    const isError = name === 'error';
    for (const piece of piecesOf(data)) {
      if (piece.trim() === '[DONE]') {
        done = true;
        continue;
      }
      const value = parsedJson(piece);
      const { error, choices } = optionalMembers(value);
      if (isError && error === undefined && choices === undefined) events.push({ error: value ?? piece });
      else if (value !== undefined) events.push(optionalMembers(value));
      else if (/^\s{0,64}[[{]/.test(piece))
        throw new NotWhole('it is a stream with an event that is not JSON');
    }
    data = [];
    name = '';
  };
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line === '') end();
    else if (line.startsWith('event:')) name = line.slice(6).trim();
    else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
  }
  end();
  return { events, done };
}

/** The lines of one event are one text. Servers that leave out the empty lines between events have one event a line. */
function piecesOf(lines: readonly string[]): readonly string[] {
  if (lines.length < 2) return lines.filter((line) => line !== '');
  const joined = lines.join('\n');
  return parsedJson(joined) === undefined && lines.some((line) => parsedJson(line) !== undefined)
    ? lines
    : [joined];
}

/** Chat and text completions: the first choice's pieces, one after the other. */
function choicesBody(events: readonly Members[], done: boolean): Members | null {
  const texts: Record<string, string> = {};
  const parts: unknown[] = [];
  const details: unknown[] = [];
  const calls = new StreamedCalls();
  let plain: string | null = null;
  let reason: unknown = null;
  let begun = false;
  for (const event of events) {
    const choice = firstChoice(event);
    if (choice === undefined) continue;
    begun = true;
    const delta = optionalMembers(choice.delta ?? choice.message);
    for (const name of ['content', 'reasoning', 'reasoning_content', 'refusal']) {
      if (typeof delta[name] === 'string') texts[name] = (texts[name] ?? '') + delta[name];
    }
    if (Array.isArray(delta.content)) parts.push(...delta.content);
    if (Array.isArray(delta.reasoning_details)) details.push(...delta.reasoning_details);
    if (typeof choice.text === 'string') plain = (plain ?? '') + choice.text;
    if (Array.isArray(delta.tool_calls)) for (const piece of delta.tool_calls) calls.add(piece);
    reason = choice.finish_reason ?? reason;
  }
  if (!begun || (reason === null && !done)) return null;
  const last = (member: string) => events.findLast((event) => event[member] != null)?.[member];
  const message = {
    role: 'assistant',
    content: null,
    ...texts,
    ...(parts.length === 0 ? {} : { content: [...(texts.content ? [texts.content] : []), ...parts] }),
    ...(details.length === 0 ? {} : { reasoning_details: details }),
    ...(calls.all.length === 0 ? {} : { tool_calls: calls.all }),
  };
  return {
    choices: [{ index: 0, ...(plain === null ? { message } : { text: plain }), finish_reason: reason }],
    ...named({ model: last('model'), system_fingerprint: last('system_fingerprint'), usage: last('usage') }),
  };
}

/** The first choice of an event, where it has one: pieces of other choices belong to other answers. */
function firstChoice({ choices }: Members): Members | undefined {
  if (!Array.isArray(choices)) return undefined;
  return choices
    .map(optionalMembers)
    .find(({ index }) => index === undefined || index === null || index === 0);
}

interface StreamedCall {
  id?: unknown;
  readonly type: 'function';
  readonly function: { name: string; arguments: string };
}

/**
 * Tool calls whose pieces come one after the other. A piece belongs to the call with its index. Servers also leave the index out, count
 * it from anywhere, give all calls the same one (Gemini's compatible endpoint), or repeat id and name in each piece: another id
 * begins another call, and a piece without an id goes on with the last one.
 */
class StreamedCalls {
  readonly all: StreamedCall[] = [];
  readonly #byIndex = new Map<unknown, StreamedCall>();

  add(piece: unknown): void {
    const { index, id, function: called } = optionalMembers(piece);
    const { name, arguments: given } = optionalMembers(called);
    const call = this.#callOf(index, id);
    if (call.function.name !== name) call.function.name += optionalText(name);
    call.function.arguments +=
      typeof given === 'object' && given !== null ? JSON.stringify(given) : optionalText(given);
  }

  #callOf(index: unknown, id: unknown): StreamedCall {
    const known = typeof index === 'number' ? this.#byIndex.get(index) : this.all.at(-1);
    const isNew = id !== undefined && id !== null && id !== '' && known?.id !== undefined && known.id !== id;
    if (known !== undefined && !isNew) {
      if (known.id === undefined && id) known.id = id;
      return known;
    }
    const call: StreamedCall = {
      ...(id ? { id } : {}),
      type: 'function',
      function: { name: '', arguments: '' },
    };
    this.all.push(call);
    this.#byIndex.set(index, call);
    return call;
  }
}

function anthropicBody(events: readonly Members[]): Members | null {
  const message = optionalMembers(events.find(({ type }) => type === 'message_start')?.message);
  const blocks: Record<string, unknown>[] = [];
  const inputs: string[] = [];
  let ended: Members = {};
  for (const event of events) {
    const at = typeof event.index === 'number' && event.index < 1000 ? event.index : 0;
    if (event.type === 'content_block_start') blocks[at] = { ...optionalMembers(event.content_block) };
    if (event.type === 'content_block_delta') {
      const block = blocks[at] ?? {};
      blocks[at] = block;
      const delta = optionalMembers(event.delta);
      for (const name of ['text', 'thinking', 'signature'])
        if (typeof delta[name] === 'string') block[name] = optionalText(block[name]) + delta[name];
      if (typeof delta.partial_json === 'string') inputs[at] = (inputs[at] ?? '') + delta.partial_json;
    }
    if (event.type === 'message_delta') ended = event;
  }
  if (!events.some(({ type }) => type === 'message_stop')) return null;
  inputs.forEach((text, at) => {
    blocks[at]!.input = parsedJson(text) ?? { invalid_json: text };
  });
  const usage = { ...optionalMembers(message.usage), ...optionalMembers(ended.usage) };
  return {
    ...message,
    content: blocks.filter((block) => block !== undefined),
    ...optionalMembers(ended.delta),
    usage,
  };
}

function geminiBody(events: readonly Members[]): Members | null {
  const candidates = events.flatMap((event) =>
    Array.isArray(event.candidates) ? [optionalMembers(event.candidates[0])] : [],
  );
  const finishReason = candidates.findLast((candidate) => candidate.finishReason != null)?.finishReason;
  const blocked = events.find(
    ({ promptFeedback }) => optionalMembers(promptFeedback).blockReason !== undefined,
  );
  if (blocked !== undefined && candidates.length === 0) return blocked;
  if (finishReason === undefined) return null;
  const parts = candidates.flatMap(({ content }) => {
    const { parts: own } = optionalMembers(content);
    return Array.isArray(own) ? own : [];
  });
  return { ...events.at(-1), candidates: [{ content: { role: 'model', parts }, finishReason }] };
}

function named(members: Members): Members {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
