import type { JsonObject, Message, Model, Sampling, Sandbox, Tool, Transcript } from '../core/index.ts';

/** What an agent can do: what the checkpoint is told of it, and what then happens in the sandbox. */
export interface AgentTool {
  readonly tool: Tool;
  /**
   * What a tool can't do is a result with `isError`, in words that help the checkpoint to do better.
   *
   * @param args checked against `tool.parameters`
   * @throws SandboxError when the sandbox has died: the trial ends as an error. A SandboxFileError is told to the checkpoint.
   */
  run(args: JsonObject, sandbox: Sandbox, signal: AbortSignal): Promise<ToolResult>;
}

export interface ToolResult {
  readonly content: string;
  readonly isError?: boolean;
  /** The task is over: the calls of the same turn that come after it are not run. */
  readonly ends?: true;
}

/** What ends a trial that does not end by itself. What was done until then is kept and rated. */
export interface AgentLimits {
  /** Turns of the checkpoint. The tools of the last one still run. */
  readonly steps: number;
  /**
   * Tokens in and out of all calls together, so it bounds cost and context alike; looked at before each call. Calls whose
   * endpoint reports no usage are reckoned at four characters a token.
   */
  readonly tokens?: number;
  /** Wall time from the first call on, waiting for the endpoint included; a call or command under way is broken off. */
  readonly timeMs?: number;
}

/**
 * How the checkpoint calls tools. `native`: by its provider's own tool calls. `text`: by one fenced block a turn
 * (text-protocol.md). `auto`: native, unless the checkpoint is a text completion model or its endpoint refuses tools.
 */
type AgentProtocol = 'native' | 'text' | 'auto';

export interface AgentOptions {
  readonly subject: Model;
  readonly sandbox: Sandbox;
  /** What is before the checkpoint's first turn. */
  readonly messages: readonly Message[];
  readonly tools: readonly AgentTool[];
  /** With the trial's own seed; each step is asked with a seed derived from it. */
  readonly sampling: Sampling;
  /** Aborts the trial: nothing of it is kept. */
  readonly signal: AbortSignal;
  readonly limits: AgentLimits;
  readonly protocol: AgentProtocol;
  /** Put as a user turn when the checkpoint calls no tool; without it such a turn ends the trial. */
  readonly reminder?: string;
  /** Characters of a tool's answer that are passed on: its beginning and its end. Default 20 000. */
  readonly toolOutput?: number;
}

/** What becomes part of the transcript. An eval adds its own members to `state` and keeps those that are there. */
export type AgentOutcome = Pick<
  Transcript,
  | 'status'
  | 'output'
  | 'thoughts'
  | 'response'
  | 'stop'
  | 'limit'
  | 'error'
  | 'usage'
  | 'served'
  | 'calls'
  | 'requests'
  | 'raw'
> & { readonly state: { readonly agent: AgentState } };

/** Of the loop itself, in the transcript's `state.agent`. */
export type AgentState = {
  readonly protocol: 'native' | 'text';
  /** Why `auto` chose the text protocol. */
  readonly why?: string;
  /** What the text protocol added to the system message. */
  readonly instructions?: string;
  readonly ended: AgentEnding;
  /** The tools it had, by name. */
  readonly tools: readonly string[];
  /** Turns of the checkpoint. */
  readonly steps: number;
  /** Tool calls that were run, and calls or blocks that could not be (malformed, unknown, one too many). */
  readonly toolCalls: number;
  readonly malformed: number;
  /** Of the calls, those that the server had left in the text; absent where there are none. */
  readonly callsFromText?: number;
  /** Wall time in ms. */
  readonly elapsedMs: number;
};

/**
 * `done`: a tool that ends the task was called. `silent`: a turn called no tool, and there is no reminder. `refusal`: the
 * provider says that the checkpoint declined or a filter stopped it. `length`: a last turn was cut off by `max_tokens`.
 * `context`: the conversation no longer fits the checkpoint's context. The others are limits and failures;
 * `harness-error` is that of a CLI of somebody else's.
 */
export type AgentEnding =
  | 'done'
  | 'silent'
  | 'refusal'
  | 'length'
  | 'context'
  | 'steps'
  | 'tokens'
  | 'time'
  | 'model-error'
  | 'sandbox-error'
  | 'harness-error';

export type AssistantMessage = Message & { readonly role: 'assistant' };
export type ToolMessage = Message & { readonly role: 'tool' };
