import {
  type ExecResult,
  type JsonObject,
  type Message,
  ModelError,
  SandboxError,
} from '../../core/index.ts';
import type { AgentEnding, AgentOutcome } from '../agent.ts';
import { type BridgeTurn, messagesOf, pathTo } from '../bridge/conversations.ts';
import type { BridgeSession } from '../bridge/session.ts';
import { OutcomeBuilder } from '../outcome.ts';
import type { HarnessRun } from './harness-run.ts';
import { harnessState } from './harness-state.ts';

/**
 * What becomes part of the transcript: the main conversation in `output`; everything else that was asked, and what the CLI
 * itself did, in `state.harness`.
 */
export type HarnessOutcome = AgentOutcome & {
  /** What the checkpoint was put first: the CLI's system text and what it made of the prompt. For the transcript's `input`. */
  readonly input: readonly Message[];
  readonly state: { readonly harness: JsonObject };
};

export function harnessOutcome(run: HarnessRun): HarnessOutcome {
  const { session, elapsedMs } = run;
  const path = mainPath(session);
  const opening = path[0]?.received ?? [];
  const last = path.findLast(({ generations }) => generations.length > 0)?.generations.at(-1);
  const { ended, ...ending } = endingOf(run, path);
  const acted = session.conversations.turns.filter(({ conversation }) => conversation.kind !== 'utility');
  const whole = builderOf(session).outcome(ending, {
    protocol: 'native',
    ended,
    tools: path[0]?.request.tools.map(({ name }) => name) ?? [],
    steps: session.steps,
    toolCalls: sum(acted, ({ calls }) => calls.size),
    malformed: sum(acted, ({ said }) => said.filter(({ role }) => role === 'tool').length),
    elapsedMs,
  });
  const { stop: _, ...rest } = whole;
  return {
    ...rest,
    input: [...(path[0]?.request.messages.filter(({ role }) => role === 'system') ?? []), ...opening],
    output: messagesOf(path).slice(opening.length),
    thoughts: last?.thoughts ?? null,
    response: last?.response ?? null,
    ...(last === undefined ? {} : { stop: last.stop }),
    state: { ...whole.state, harness: harnessState(run, path) },
  };
}

/** The main conversation as the CLI built on it: up to its last call. */
function mainPath({ conversations }: BridgeSession): readonly BridgeTurn[] {
  const leaf = conversations.main?.turns.at(-1);
  return leaf === undefined ? [] : pathTo(leaf);
}

function builderOf({ calls }: BridgeSession): OutcomeBuilder {
  const builder = new OutcomeBuilder();
  for (const { outcome } of calls) {
    if (outcome instanceof ModelError) builder.failed(outcome);
    else builder.heard(outcome);
  }
  return builder;
}

type Ending = Pick<AgentOutcome, 'status' | 'limit' | 'error'> & { readonly ended: AgentEnding };

function endingOf({ session, ended, found, sampling }: HarnessRun, path: readonly BridgeTurn[]): Ending {
  if (ended instanceof SandboxError) return sandboxEnding(ended.message);
  const { end } = session;
  if (end?.ended === 'model-error') return { status: 'error', error: end.record, ended: end.ended };
  if (end !== undefined) {
    const kind = end.ended === 'context' ? 'tokens' : end.ended;
    return { status: 'limit', limit: { kind, value: end.value }, ended: end.ended };
  }
  const { title } = found.kind;
  if (ended === 'stopped') return failed(`${title} was stopped`);
  if (ended.limit === 'memory') {
    return sandboxEnding(
      `${title} ran out of the sandbox's memory: give it more by sandbox.limits.memory_mb`,
    );
  }
  const last = path.at(-1)?.generations.at(-1);
  if (last?.stop === 'refusal') return { status: 'completed', ended: 'refusal' };
  // A CLI may take a turn that was cut off for its server's error.
  if (last?.stop === 'length' && last.toolCalls.length === 0) {
    return { status: 'limit', limit: { kind: 'tokens', value: sampling.maxTokens }, ended: 'length' };
  }
  if (ended.exitCode !== 0) {
    const how =
      ended.exitCode === null ? `by ${ended.signal ?? ended.limit}` : `with exit code ${ended.exitCode}`;
    return failed(`${title} ended ${how}: ${lastWords(ended)}`);
  }
  if (last === undefined) return failed(`${title} ended without asking its model: ${lastWords(ended)}`);
  return { status: 'completed', ended: 'silent' };
}

function sandboxEnding(message: string): Ending {
  return { status: 'error', error: { kind: 'sandbox', message }, ended: 'sandbox-error' };
}

function failed(message: string): Ending {
  return { status: 'error', error: { kind: 'internal', message }, ended: 'harness-error' };
}

function lastWords({ stdout, stderr }: ExecResult): string {
  return (stderr.trim() || stdout.trim()).slice(-500) || 'it said nothing';
}

function sum<T>(entries: readonly T[], count: (entry: T) => number): number {
  return entries.reduce((total, entry) => total + count(entry), 0);
}
