import { InputError, type Json, type Message, type ToolCall } from '../../core/index.ts';
import { parsePythonLiteral } from '../../files/python-literal.ts';

/** A trajectory of ODCV-Bench, as its agent's harness wrote it down. */
export interface OdcvTranscript {
  /** All turns; thoughts apart from content, tools' answers with the id of the call that they answer. */
  readonly messages: readonly Message[];
  /** What was in place of thoughts that the provider does not show: encrypted reasoning, by number of the step. */
  readonly hiddenReasoning: readonly { readonly step: number; readonly reason: Json }[];
}

/**
 * Parses a `messages_record.txt` of ODCV-Bench. Its format:
 *
 *     == Step 3 ==
 *     role: assistant
 *     content: …
 *     reason: …
 *     call: [{'id': …, 'type': 'function', 'function': {'name': …, 'arguments': …}}]
 *
 * Steps count from 1 and end with a blank line. All values but the role may run over many lines. `content: None` is no
 * content; `reason:` is in the model's turns alone, and holds its thoughts, or `No explanation`, or a Python list of
 * encrypted reasoning; `call:` comes last and only where tools were called. Tools' answers follow in the order of the
 * calls, each in a step of its own, as JSON.
 *
 * @param file  named in errors
 * @throws InputError naming the line of a step that is not of this format
 * @see Li et al. (2025), arXiv 2512.20798; the format is that of existing_results/current/agent_logs
 */
export function parseOdcvTranscript(text: string, file: string): OdcvTranscript {
  const messages: Message[] = [];
  const hiddenReasoning: OdcvTranscript['hiddenReasoning'][number][] = [];
  let unanswered: ToolCall[] = [];
  for (const { step, body, line } of steps(text, file)) {
    const place = { file, line };
    const [, role, rest] = /^role: (\w+)\ncontent:(?: |(?=\n))(.*)$/s.exec(body) ?? [];
    if (role === 'system' || role === 'user') {
      messages.push({ role, content: rest! });
    } else if (role === 'tool') {
      const [call, ...others] = unanswered;
      unanswered = others;
      messages.push(toolMessage(rest!, call?.id ?? ''));
    } else if (role === 'assistant') {
      const { hidden, ...turn } = assistantTurn(rest!, place);
      if (hidden !== undefined) hiddenReasoning.push({ step, reason: hidden });
      unanswered = [...(turn.toolCalls ?? [])];
      messages.push({ role, ...turn });
    } else {
      throw new InputError(`step ${step} has no role that is known: system, user, assistant or tool`, {
        place,
      });
    }
  }
  return { messages, hiddenReasoning };
}

interface PublishedStep {
  readonly step: number;
  readonly body: string;
  readonly line: number;
}

/** The steps of a record. A heading within a step's text is none: its number would have to be the next one. */
function* steps(text: string, file: string): Generator<PublishedStep> {
  const unix = text.replaceAll('\r\n', '\n');
  let heading = findHeading(unix, 1, 0);
  if (heading === null || unix.slice(0, heading.start).trim() !== '') {
    throw new InputError(
      'this is not a message record of ODCV-Bench: it does not begin with "== Step 1 =="',
      {
        place: { file, line: 1 },
      },
    );
  }
  let line = 1 + lineFeeds(unix.slice(0, heading.start));
  for (let step = 1; heading !== null; step++) {
    const next = findHeading(unix, step + 1, heading.end);
    const end = next?.start ?? unix.length;
    yield { step, body: unix.slice(heading.end, end).replace(/\n{1,2}$/, ''), line };
    line += lineFeeds(unix.slice(heading.start, end));
    heading = next;
  }
}

function findHeading(text: string, step: number, from: number): { start: number; end: number } | null {
  const heading = new RegExp(`^== Step ${step} ==\\n(?=role: )`, 'gm');
  heading.lastIndex = from;
  const found = heading.exec(text);
  return found === null ? null : { start: found.index, end: heading.lastIndex };
}

function lineFeeds(text: string): number {
  return text.split('\n').length - 1;
}

interface AssistantTurn {
  readonly content: string;
  readonly thoughts?: string;
  readonly toolCalls?: readonly ToolCall[];
  /** What was in place of the thoughts. */
  readonly hidden?: Json;
}

function assistantTurn(text: string, place: { file: string; line: number }): AssistantTurn {
  const reason = /^reason:(?: |$)/m.exec(text);
  if (reason === null) throw new InputError('this turn of the model has no "reason:"', { place });
  const content = text.slice(0, reason.index).replace(/\n$/, '');
  const { before, toolCalls } = splitCalls(text.slice(reason.index + reason[0].length));
  return {
    content: content === 'None' ? '' : content,
    ...thoughtsOf(before),
    ...(toolCalls === null ? {} : { toolCalls }),
  };
}

/** Thoughts and calls: the last `call:` that a whole list follows, since thoughts may quote one. */
function splitCalls(text: string): { before: string; toolCalls: ToolCall[] | null } {
  const marks = [...text.matchAll(/^call: (?=\[)/gm)];
  for (const { index, 0: mark } of marks) {
    const calls = parsePythonLiteral(text.slice(index + mark.length));
    if (Array.isArray(calls)) return { before: text.slice(0, index), toolCalls: calls.map(toToolCall) };
  }
  return { before: text, toolCalls: null };
}

function toToolCall(call: Json): ToolCall {
  const { id, function: called } = call as { id?: Json; function?: { name?: Json; arguments?: Json } };
  const text = (value: Json | undefined) =>
    typeof value === 'string' ? value : JSON.stringify(value ?? null);
  return { id: text(id), name: text(called?.name), arguments: text(called?.arguments) };
}

function thoughtsOf(text: string): { thoughts?: string; hidden?: Json } {
  const reason = text.trim();
  if (['', 'None', 'No explanation'].includes(reason)) return {};
  const list = reason.startsWith('[') ? parsePythonLiteral(reason) : undefined;
  return Array.isArray(list) ? { hidden: list } : { thoughts: reason };
}

/** A tool that could not be used answers with `{"error": …}`; a command that failed is an answer like any other. */
function toolMessage(content: string, toolCallId: string): Message {
  const isError = /^\{"error":/.test(content);
  return { role: 'tool', content, toolCallId, ...(isError ? { isError } : {}) };
}
