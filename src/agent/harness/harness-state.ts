import {
  type ExecResult,
  type Json,
  type JsonObject,
  type Message,
  ModelError,
  SandboxError,
} from '../../core/index.ts';
import { type BridgeTurn, type Conversation, messagesOf, pathTo } from '../bridge/conversations.ts';
import type { HarnessRun } from './harness-run.ts';

/** Characters of one text that the state holds; the transcript's own messages are whole. */
const TEXT = 16_000;
/** Of what the CLI printed, from the end. */
const PRINTED = 4_000;
/** Messages of one conversation on the side. */
const MESSAGES = 200;

/**
 * `state.harness` of a transcript: which CLI ran and how it ended, what it told the checkpoint about its tools, each call with
 * its place, and the conversations that are not the main one. Texts are bounded, and say where they were cut.
 */
export function harnessState(run: HarnessRun, path: readonly BridgeTurn[]): JsonObject {
  const { found, launch, session } = run;
  const { conversations } = session;
  const onPath = new Set(path);
  const thrownAway = (conversations.main?.turns ?? []).filter(
    (turn) => !onPath.has(turn) && turn.said.length > 0,
  );
  const rewritten = path.filter((turn) => turn.rewritten.length > 0);
  return {
    name: found.kind.name,
    version: found.version,
    protocol: found.kind.protocol.name,
    /** What the CLI believes its model to be. */
    model: launch.model,
    exit: exitOf(run),
    tools: (path[0]?.request.tools ?? []).map(({ name, description }) => ({
      name,
      description: cut(description),
    })),
    calls: session.calls.map(({ turn, ms, outcome }) => ({
      turn: turn.number,
      conversation: turn.conversation.number,
      kind: turn.conversation.kind,
      ms,
      outcome: outcome instanceof ModelError ? outcome.kind : 'answered',
      ...(turn.request.unread.length === 0 ? {} : { unread: [...new Set(turn.request.unread)] }),
    })),
    aside: conversations.all.filter(({ kind }) => kind !== 'main').map(asideOf),
    /** Turns of the main conversation that the CLI asked for again instead of going on from them. */
    thrownAway: thrownAway.map(({ number, said }) => ({ turn: number, messages: said.map(cutMessage) })),
    /** Where the CLI put other messages in the place of earlier ones. */
    rewritten: rewritten.map((turn) => ({ turn: turn.number, messages: turn.rewritten.map(cutMessage) })),
    unserved: session.unserved.slice(0, MESSAGES),
  };
}

function exitOf({ ended }: HarnessRun): Json {
  if (ended === 'stopped' || ended instanceof SandboxError) return null;
  const { exitCode, signal, stdout, stderr }: ExecResult = ended;
  return {
    code: exitCode,
    signal: signal ?? null,
    stdout: stdout.slice(-PRINTED),
    stderr: stderr.slice(-PRINTED),
  };
}

function asideOf({ number, kind, agent, turns }: Conversation): Json {
  const leaf = turns.at(-1) as BridgeTurn;
  const { request, parent } = pathTo(leaf)[0] as BridgeTurn;
  const system = request.messages.find(({ role }) => role === 'system')?.content;
  return {
    conversation: number,
    kind,
    ...(agent === '' ? {} : { agent }),
    ...(request.purpose === undefined ? {} : { purpose: request.purpose }),
    model: request.model,
    ...(system === undefined ? {} : { system: cut(system) }),
    /** The turn of another conversation whose history it was given. */
    ...(parent === null ? {} : { after: parent.number }),
    messages: messagesOf(pathTo(leaf)).slice(0, MESSAGES).map(cutMessage),
  };
}

function cutMessage(message: Message): JsonObject {
  const thoughts = message.role === 'assistant' ? message.thoughts : undefined;
  const toolCalls = message.role === 'assistant' ? message.toolCalls : undefined;
  return {
    ...message,
    content: cut(message.content),
    ...(thoughts === undefined ? {} : { thoughts: cut(thoughts) }),
    ...(toolCalls === undefined
      ? {}
      : { toolCalls: toolCalls.map((call) => ({ ...call, arguments: cut(call.arguments) })) }),
  } as JsonObject;
}

function cut(text: string): string {
  return text.length <= TEXT ? text : `${text.slice(0, TEXT)}\n[${text.length - TEXT} characters left out]`;
}
