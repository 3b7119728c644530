import { type Sandbox, SandboxError, SandboxFileError, type ToolCall } from '../core/index.ts';
import { didYouMean } from '../files/index.ts';
import type { AgentTool, ToolMessage, ToolResult } from './agent.ts';
import { readArguments } from './arguments.ts';
import type { Clock } from './clock.ts';
import { DUPLICATE } from './dialogue.ts';
import { toolNamed } from './tool-name.ts';
import { truncateMiddle } from './truncate.ts';

/** More calls in one turn are a model that has lost its way; they would fill the context with answers. */
export const MOST_CALLS = 32;

interface ToolDesk {
  readonly tools: readonly AgentTool[];
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  /** Characters of an answer that are passed on. */
  readonly toolOutput: number;
}

/** What came of the calls of one turn. */
interface Called {
  /** One a call, in order. */
  readonly answers: readonly ToolMessage[];
  readonly ran: number;
  readonly malformed: number;
  /** Why the calls after it were not run, and the trial ends. */
  readonly end?: 'done' | 'time' | SandboxError;
}

/**
 * Runs the calls of one turn in order, each after the one before, and answers each: what was not run says why.
 *
 * @param cutOff whether the limit of length ended the turn
 * @throws what the signal was aborted with, and what is wrong with a tool's own code
 */
export async function callTools(
  calls: readonly ToolCall[],
  desk: ToolDesk,
  cutOff: boolean,
): Promise<Called> {
  const answers: ToolMessage[] = [];
  let ran = 0;
  let malformed = 0;
  let end: Called['end'];
  for (const [index, call] of calls.entries()) {
    if (end !== undefined) {
      answers.push(answerTo(call, { content: `Not run: ${whyEnded(end)}.`, isError: true }));
      continue;
    }
    const ready = index < MOST_CALLS ? prepare(call, desk.tools, cutOff) : tooMany(calls.length);
    if ('fault' in ready) {
      malformed++;
      answers.push(answerTo(call, { content: ready.fault, isError: true }));
      continue;
    }
    ran++;
    const result = await run(ready.work, desk);
    if ('ended' in result) end = result.ended;
    const told =
      'ended' in result ? { content: `Stopped: ${whyEnded(result.ended)}.`, isError: true } : result;
    if ('ends' in told && told.ends) end = 'done';
    answers.push(answerTo(call, { ...told, content: truncateMiddle(told.content, desk.toolOutput) }));
  }
  return { answers, ran, malformed, ...(end === undefined ? {} : { end }) };
}

type Work = (sandbox: Sandbox, signal: AbortSignal) => Promise<ToolResult>;

function prepare(
  call: ToolCall,
  tools: readonly AgentTool[],
  cutOff: boolean,
): { work: Work } | { fault: string } {
  const named = toolNamed(
    call.name,
    tools.map(({ tool }) => tool),
  );
  const found = tools.find(({ tool }) => tool === named);
  if (found === undefined) {
    const names = tools.map(({ tool }) => tool.name);
    const hint = didYouMean(call.name, names, () => `The tools are: ${names.join(', ')}.`);
    return { fault: `There is no tool "${call.name}". ${hint}` };
  }
  if (call.id.includes(DUPLICATE)) {
    return { fault: 'Not run: another call of the same turn had the same id. Call it again.' };
  }
  const read = readArguments(found.tool, call.arguments);
  if ('args' in read) return { work: (sandbox, signal) => found.run(read.args, sandbox, signal) };
  return {
    fault: `${read.fault}${cutOff ? ' The limit of length cut your turn off.' : ''} Nothing was run.`,
  };
}

function tooMany(calls: number): { fault: string } {
  return { fault: `Not run: your turn has ${calls} calls, and at most ${MOST_CALLS} are run.` };
}

async function run(
  work: Work,
  { sandbox, clock }: ToolDesk,
): Promise<ToolResult | { ended: 'time' | SandboxError }> {
  try {
    return await work(sandbox, clock.signal);
  } catch (error) {
    if (clock.aborted) throw error;
    if (clock.expired) return { ended: 'time' };
    if (error instanceof SandboxError) return { ended: error };
    if (error instanceof SandboxFileError) return { content: error.message, isError: true };
    throw error;
  }
}

function whyEnded(end: NonNullable<Called['end']>): string {
  if (end === 'done') return 'the session had ended before it';
  return end === 'time' ? 'the time for this task is up' : 'the machine has failed';
}

function answerTo(call: ToolCall, { content, isError }: ToolResult): ToolMessage {
  return { role: 'tool', toolCallId: call.id, content, ...(isError ? { isError: true } : {}) };
}
