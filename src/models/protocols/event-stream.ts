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
  return event.type === 'response.failed' || reportedError(event) !== undefined;
}

function eventsOf(text: string): { events: Members[]; done: boolean } {
  const events: Members[] = [];
  let data: string[] = [];
  let name = '';
  let done = false;
  const end = () => {
    const joined = data.join('\n');
    const isError = name === 'error';
    data = [];
    name = '';
    if (joined.trim() === '[DONE]') done = true;
    else if (joined !== '') {
      const event = optionalMembers(parsedJson(joined));
      events.push(isError && event.error === undefined ? { error: parsedJson(joined) ?? joined } : event);
    }
  };
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line === '') end();
    else if (line.startsWith('event:')) name = line.slice(6).trim();
    else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
  }
  end();
  return { events, done };
}

/** Chat and text completions: the first choice's pieces, one after the other. */
function choicesBody(events: readonly Members[], done: boolean): Members | null {
  const texts: Record<string, string> = {};
  const calls: { id?: unknown; type: 'function'; function: { name: string; arguments: string } }[] = [];
  let plain: string | null = null;
  let reason: unknown = null;
  for (const event of events) {
    const choice = Array.isArray(event.choices) ? optionalMembers(event.choices[0]) : {};
    const delta = optionalMembers(choice.delta ?? choice.message);
    for (const name of ['content', 'reasoning', 'reasoning_content', 'refusal']) {
      if (typeof delta[name] === 'string') texts[name] = (texts[name] ?? '') + delta[name];
    }
    if (typeof choice.text === 'string') plain = (plain ?? '') + choice.text;
    for (const piece of Array.isArray(delta.tool_calls) ? delta.tool_calls.map(optionalMembers) : []) {
      const at = typeof piece.index === 'number' && piece.index < 1000 ? piece.index : calls.length;
      const { name, arguments: text } = optionalMembers(piece.function);
      calls[at] ??= { type: 'function', function: { name: '', arguments: '' } };
      const call = calls[at];
      if (piece.id !== undefined) call.id = piece.id;
      call.function.name += optionalText(name);
      call.function.arguments += optionalText(text);
    }
    reason = choice.finish_reason ?? reason;
  }
  if (reason === null && !done) return null;
  const last = (member: string) => events.findLast((event) => event[member] != null)?.[member];
  const made = calls.filter((call) => call !== undefined);
  const message = {
    role: 'assistant',
    content: null,
    ...texts,
    ...(made.length === 0 ? {} : { tool_calls: made }),
  };
  return {
    choices: [{ index: 0, ...(plain === null ? { message } : { text: plain }), finish_reason: reason }],
    ...named({ model: last('model'), system_fingerprint: last('system_fingerprint'), usage: last('usage') }),
  };
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
