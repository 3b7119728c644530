import { assistantMessage } from '../../core/assistant-message.ts';
import {
  type GenerateRequest,
  type Generation,
  type Message,
  type Model,
  ModelError,
  type Sampling,
  type ToolCall,
  type TrialError,
} from '../../core/index.ts';
import type { Members } from '../../core/parsed-json.ts';
import { stepSeed } from '../../models/index.ts';
import type { AgentLimits } from '../agent.ts';
import type { Clock } from '../clock.ts';
import { LinkedAbort } from '../linked-abort.ts';
import { trialError } from '../outcome.ts';
import { isContextOverflow } from '../refused.ts';
import { TokenMeter } from '../token-meter.ts';
import { type BridgeTurn, Conversations } from './conversations.ts';
import type { BridgeAnswer, BridgeCall, BridgeRequest } from './protocol.ts';
import { estimateTokens, requestTokens } from './wire.ts';

interface BridgeSessionOptions {
  readonly subject: Model;
  /** The trial's own; what the CLI asks for (temperature, tokens) does not count. */
  readonly sampling: Sampling;
  readonly limits: AgentLimits;
  readonly clock: Clock;
  /** What the CLI was asked to do: tells the main conversation from the others. */
  readonly prompt: string;
  /** The first thing that ends the session. The CLI is answered all the same, and should end by itself soon. */
  readonly onEnd: () => void;
}

/** Why no more questions are put to the model. */
type SessionEnd =
  | { readonly ended: 'steps' | 'tokens' | 'time' | 'context'; readonly value: number }
  | { readonly ended: 'model-error'; readonly error: ModelError; readonly record: TrialError };

/** A call as it was made: in the transcript, beside the provider's bodies, which are in the same order. */
interface CallRecord {
  readonly turn: BridgeTurn;
  readonly ms: number;
  readonly outcome: Generation | ModelError;
}

/**
 * Puts a CLI's calls to the model under study, within the limits of the trial, and keeps what was said. One a trial.
 *
 * A turn of the main conversation or of a subagent is a step; calls on the side are none, but may be no more than steps in
 * number. Once a limit is reached, every call is answered with a closing sentence, which is not a turn of the model and stands
 * nowhere in the transcript.
 */
export class BridgeSession {
  readonly conversations: Conversations;
  readonly calls: CallRecord[] = [];
  /** Requests that were not for an answer, or could not be read: `POST /v1/embeddings: not served`. */
  readonly unserved: string[] = [];
  readonly #options: BridgeSessionOptions;
  readonly #tokens = new TokenMeter();
  #end: SessionEnd | undefined;
  #steps = 0;
  #aside = 0;

  constructor(options: BridgeSessionOptions) {
    this.#options = options;
    this.conversations = new Conversations(options.prompt);
  }

  get end(): SessionEnd | undefined {
    return this.#end;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Breaks off the session from outside: the time of the trial is up. */
  close(end: SessionEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#options.onEnd();
  }

  /**
   * @param gone aborts when the CLI no longer waits
   * @throws ModelError when the model failed; whatever aborted the clock
   */
  async answer(request: BridgeRequest, gone: AbortSignal): Promise<BridgeAnswer> {
    const turn = this.conversations.place(request);
    const closing = this.#closing(turn);
    if (closing !== undefined) return closing;
    const { calls, last } = await this.#ask(turn, gone);
    return {
      id: `stemma_${turn.number}`,
      thoughts: last.thoughts ?? '',
      response: last.response,
      calls,
      // A model that was cut off within a call has none that can be run.
      stop: calls.length === 0 && last.stop === 'tool-calls' ? 'end' : last.stop,
      inputTokens: last.usage.inputTokens ?? requestTokens(turn.messages, request.tools),
      outputTokens: last.usage.outputTokens ?? estimateTokens(last.response, last.thoughts ?? ''),
    };
  }

  /** The answer that a limit gives in the model's place, where one is reached. */
  #closing(turn: BridgeTurn): BridgeAnswer | undefined {
    const { steps, tokens } = this.#options.limits;
    const aside = turn.conversation.kind === 'utility';
    if (this.#end?.ended === 'model-error') throw this.#end.error;
    if (this.#end === undefined) {
      if ((aside ? this.#aside : this.#steps) >= steps) this.close({ ended: 'steps', value: steps });
      else if (tokens !== undefined && this.#tokens.total >= tokens)
        this.close({ ended: 'tokens', value: tokens });
    }
    if (this.#end !== undefined) return closingAnswer(turn, this.#end);
    if (aside) this.#aside++;
    else this.#steps++;
    return undefined;
  }

  /** Asks until there is a turn that the CLI can act on: one without calls, or with at least one that can be read. */
  async #ask(
    turn: BridgeTurn,
    gone: AbortSignal,
  ): Promise<{ calls: readonly BridgeCall[]; last: Generation }> {
    for (;;) {
      const generation = await this.#generate(turn, gone);
      const { response, thoughts, toolCalls } = generation;
      turn.generations.push(generation);
      // The very objects of the calls: a provider's own form of the turn is remembered by them.
      turn.said.push(assistantMessage(response, thoughts, toolCalls));
      const { calls, faults } = readCalls(toolCalls);
      turn.said.push(...faults);
      if (calls.length > 0 || faults.length === 0) {
        const admitted = calls.map(({ call, args }) => ({
          id: this.conversations.admit(turn, call),
          name: call.name,
          arguments: args,
        }));
        return { calls: admitted, last: generation };
      }
      const closing = this.#closing(turn);
      if (closing !== undefined)
        return { calls: [], last: { ...generation, response: closing.response, stop: 'end' } };
    }
  }

  async #generate(turn: BridgeTurn, gone: AbortSignal): Promise<Generation> {
    const { subject, sampling, clock } = this.#options;
    const { tools, schema } = turn.request;
    const question: GenerateRequest = {
      messages: [...turn.messages, ...turn.said],
      ...(tools.length === 0 ? {} : { tools }),
      ...(schema === undefined ? {} : { schema }),
      sampling: { ...sampling, seed: stepSeed(sampling.seed, this.calls.length + 1) },
    };
    const start = performance.now();
    using either = new LinkedAbort(clock.signal, gone);
    try {
      const generation = await subject.generate(question, either.signal);
      this.calls.push({ turn, ms: Math.round(performance.now() - start), outcome: generation });
      this.#tokens.add(question, generation);
      return generation;
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.calls.push({ turn, ms: Math.round(performance.now() - start), outcome: error });
      this.#failed(error, turn, gone);
      throw error;
    }
  }

  /** A call on the side may fail: the CLI does without it. One that it hung up on is not a failure of the model's. */
  #failed(error: ModelError, turn: BridgeTurn, gone: AbortSignal): void {
    const { clock, limits } = this.#options;
    if (clock.expired) this.close({ ended: 'time', value: limits.timeMs! });
    else if (clock.aborted || gone.aborted) return;
    else if (turn.conversation.kind === 'utility' && !error.fatal) return;
    else if (this.#steps > 1 && isContextOverflow(error))
      this.close({ ended: 'context', value: this.#tokens.last });
    else this.close({ ended: 'model-error', error, record: trialError(error) });
  }
}

const CLOSING: Readonly<Record<Exclude<SessionEnd['ended'], 'model-error'>, string>> = {
  steps: 'The number of steps of this session is used up.',
  tokens: 'The tokens of this session are used up.',
  time: 'The time of this session is up.',
  context: 'The context of the model is full.',
};

function closingAnswer(turn: BridgeTurn, end: SessionEnd): BridgeAnswer {
  if (end.ended === 'model-error') throw end.error;
  return {
    id: `stemma_${turn.number}`,
    thoughts: '',
    response: CLOSING[end.ended],
    calls: [],
    stop: 'end',
    inputTokens: requestTokens(turn.messages, turn.request.tools),
    outputTokens: 1,
  };
}

/** CLIs take arguments that are objects only: what is none is answered here, as an error, and told with the next turn. */
function readCalls(toolCalls: readonly ToolCall[]): {
  readonly calls: readonly { readonly call: ToolCall; readonly args: Members }[];
  readonly faults: readonly Message[];
} {
  const calls: { call: ToolCall; args: Members }[] = [];
  const faults: Message[] = [];
  for (const call of toolCalls) {
    try {
      const args: unknown = call.arguments.trim() === '' ? {} : JSON.parse(call.arguments);
      if (typeof args !== 'object' || args === null || Array.isArray(args))
        throw new Error('they are not a JSON object');
      calls.push({ call, args: args as Members });
    } catch (error) {
      const content = `The arguments of ${call.name} can't be read: ${(error as Error).message}.`;
      faults.push({ role: 'tool', content, toolCallId: call.id, isError: true });
    }
  }
  return { calls, faults };
}
