import { definedOnly } from '../core/defined-only.ts';
import {
  addUsage,
  type Generation,
  type Message,
  type ModelError,
  noUsage,
  type SandboxError,
  type SandboxFileError,
  type Served,
  type TrialError,
  type Usage,
} from '../core/index.ts';
import type { AgentEnding, AgentOutcome, AgentState, AssistantMessage } from './agent.ts';

/** Bytes of providers' bodies that a transcript holds; of what comes after, the size is said. */
const RAW_BYTES = 8 << 20;

/** Keeps what happens in a trial, and makes the outcome of it. */
export class OutcomeBuilder {
  readonly output: Message[] = [];
  readonly #raw: unknown[] = [];
  #rawBytes = 0;
  #usage: Usage = noUsage;
  /** By their JSON, so that each is there once. */
  readonly #served = new Map<string, Served>();
  #calls = 0;
  #requests = 0;
  #last:
    | { readonly thoughts: string | null; readonly response: string; readonly stop: Generation['stop'] }
    | undefined;

  /** A call that was answered. */
  heard({ raw, usage, attempts = 1, thoughts, response, stop, served }: Generation): void {
    this.#calls++;
    this.#requests += attempts;
    this.#usage = addUsage(this.#usage, usage);
    if (served !== undefined) this.#served.set(JSON.stringify(served), served);
    this.#last = { thoughts: thoughts ?? null, response, stop };
    const bytes = JSON.stringify(raw)?.length ?? 0;
    const fits = this.#rawBytes + bytes <= RAW_BYTES;
    if (fits) this.#rawBytes += bytes;
    this.#raw.push(fits ? raw : { leftOut: `a body of ${bytes} bytes` });
  }

  /** A call that failed. */
  failed(error: ModelError): void {
    this.#calls++;
    this.#requests += error.attempts;
  }

  /** The last turn's response is what is in the transcript, without a text protocol's block. */
  said(message: AssistantMessage): void {
    this.output.push(message);
    if (this.#last !== undefined) this.#last = { ...this.#last, response: message.content };
  }

  /** Turns of the checkpoint so far. */
  get turns(): number {
    return this.#raw.length;
  }

  outcome(ending: Pick<AgentOutcome, 'status' | 'limit' | 'error'>, agent: AgentState): AgentOutcome {
    const { thoughts = null, response = null, stop } = this.#last ?? {};
    return {
      ...ending,
      output: this.output,
      thoughts,
      response,
      ...(stop === undefined ? {} : { stop }),
      usage: this.#usage,
      ...(this.#served.size === 0 ? {} : { served: [...this.#served.values()] }),
      calls: this.#calls,
      requests: this.#requests,
      raw: this.#raw,
      state: { agent },
    };
  }
}

/** The record of a failure, without what is not known of it. */
export function trialError({ kind, message, status, raw }: ModelError): TrialError {
  return definedOnly({ kind, message, status, raw });
}

/**
 * The outcome of a trial whose sandbox could not be opened, or died or would not be read while the eval looked at what the agent
 * had left: an error, with the turns that there were. Never a pass.
 */
export function failedOutcome(error: SandboxError | SandboxFileError, before?: AgentOutcome): AgentOutcome {
  const agent: AgentState = before?.state.agent ?? {
    protocol: 'native',
    ended: 'sandbox-error',
    tools: [],
    steps: 0,
    toolCalls: 0,
    malformed: 0,
    elapsedMs: 0,
  };
  const kept = before ?? new OutcomeBuilder().outcome({ status: 'error' }, agent);
  const { limit: _, ...rest } = kept;
  const ended: AgentEnding = 'sandbox-error';
  return {
    ...rest,
    status: 'error',
    error: { kind: 'sandbox', message: error.message },
    state: { ...kept.state, agent: { ...agent, ended } },
  };
}
