import { type Generation, ModelError, SandboxError } from '../core/index.ts';
import { stepSeed } from '../models/index.ts';
import type { AgentOptions, AgentOutcome } from './agent.ts';
import { callTools } from './call-tools.ts';
import { Clock } from './clock.ts';
import { type Dialogue, NativeDialogue } from './dialogue.ts';
import { OutcomeBuilder, trialError } from './outcome.ts';
import { hasNoTools, isContextOverflow, refusesTools } from './refused.ts';
import { TextDialogue, textInstructions } from './text-dialogue.ts';
import { TokenMeter } from './token-meter.ts';

/** Characters of a tool's answer that are passed on, unless the eval says otherwise. */
const TOOL_OUTPUT = 20_000;

/**
 * Lets a checkpoint act in a sandbox, turn by turn, until it ends the task, a limit does, or something fails.
 *
 * What it did wrong (malformed calls, unknown tools) it is told, and it goes on. A trial that ran into a limit has status
 * `limit` and is there to be rated; one whose sandbox died, or whose endpoint failed after all retries, has status `error`
 * and keeps the turns so far.
 *
 * @throws once the signal aborts, on a fatal ModelError, and on a fault in a tool's own code
 */
export async function runAgent(options: AgentOptions): Promise<AgentOutcome> {
  using clock = new Clock(options.signal, options.limits.timeMs);
  // Awaited here: the clock must run as long as the trial does.
  return await new AgentRun(options, clock).run();
}

/** How a trial ended. */
type RunEnd =
  | { readonly ended: 'done' | 'silent' | 'refusal' }
  | { readonly ended: 'steps' | 'tokens' | 'time' | 'length' | 'context'; readonly value: number }
  | { readonly ended: 'model-error'; readonly error: ModelError }
  | { readonly ended: 'sandbox-error'; readonly error: SandboxError };

class AgentRun {
  readonly #options: AgentOptions;
  readonly #clock: Clock;
  readonly #ledger = new OutcomeBuilder();
  readonly #tokens = new TokenMeter();
  #dialogue: Dialogue;
  #why: string | undefined;
  #toolCalls = 0;
  #malformed = 0;
  #fromText = 0;

  constructor(options: AgentOptions, clock: Clock) {
    const { subject, messages, tools, protocol } = options;
    this.#options = options;
    this.#clock = clock;
    if (protocol === 'auto') this.#why = hasNoTools(subject);
    const text = protocol === 'text' || this.#why !== undefined;
    this.#dialogue = text ? new TextDialogue(messages, tools) : new NativeDialogue(messages, tools);
  }

  async run(): Promise<AgentOutcome> {
    for (;;) {
      const end = this.#limit() ?? (await this.#step());
      if (end !== undefined) return this.#outcome(end);
    }
  }

  /** Whether a limit forbids another step. */
  #limit(): RunEnd | undefined {
    const { steps, tokens, timeMs } = this.#options.limits;
    if (this.#clock.expired) return { ended: 'time', value: timeMs! };
    if (this.#ledger.turns >= steps) return { ended: 'steps', value: steps };
    if (tokens !== undefined && this.#tokens.total >= tokens) return { ended: 'tokens', value: tokens };
    return undefined;
  }

  /** One turn of the checkpoint, and the answers to it. @returns how the trial ended, where it did */
  async #step(): Promise<RunEnd | undefined> {
    const generation = await this.#ask();
    if ('ended' in generation) return generation;
    this.#ledger.heard(generation);
    const { message, fault = unreadable(generation), fromText = 0 } = this.#dialogue.hear(generation);
    this.#fromText += fromText;
    this.#ledger.said(message);
    if (generation.stop === 'refusal') return { ended: 'refusal' };
    if (fault !== undefined) {
      this.#malformed++;
      this.#say(fault);
      return undefined;
    }
    if (message.toolCalls === undefined) return this.#silent(generation);
    return this.#act(message.toolCalls, generation.stop === 'length');
  }

  /** A turn that calls no tool. */
  #silent({ stop }: Generation): RunEnd | undefined {
    const { reminder, sampling } = this.#options;
    if (reminder === undefined) {
      return stop === 'length' ? { ended: 'length', value: sampling.maxTokens } : { ended: 'silent' };
    }
    this.#say(reminder);
    return undefined;
  }

  async #act(calls: Generation['toolCalls'], cutOff: boolean): Promise<RunEnd | undefined> {
    const { tools, sandbox, toolOutput = TOOL_OUTPUT, limits } = this.#options;
    const desk = { tools, sandbox, clock: this.#clock, toolOutput };
    const { answers, ran, malformed, end } = await callTools(calls, desk, cutOff);
    this.#toolCalls += ran;
    this.#malformed += malformed;
    this.#ledger.output.push(...answers);
    this.#dialogue.answer(answers);
    if (end instanceof SandboxError) return { ended: 'sandbox-error', error: end };
    if (end === 'time') return { ended: 'time', value: limits.timeMs! };
    return end === undefined ? undefined : { ended: 'done' };
  }

  #say(text: string): void {
    this.#ledger.output.push({ role: 'user', content: text });
    this.#dialogue.say(text);
  }

  /** Asks for the next turn. @returns it, or how the trial ended for want of it */
  async #ask(): Promise<Generation | RunEnd> {
    const { subject, sampling, limits } = this.#options;
    const request = this.#dialogue.request();
    const seed = stepSeed(sampling.seed, this.#ledger.turns + 1);
    try {
      const generation = await subject.generate(
        { ...request, sampling: { ...sampling, seed } },
        this.#clock.signal,
      );
      this.#tokens.add(request, generation);
      return generation;
    } catch (error) {
      if (this.#clock.aborted || !(error instanceof ModelError)) throw error;
      this.#ledger.failed(error);
      if (this.#clock.expired) return { ended: 'time', value: limits.timeMs! };
      if (this.#mayTurnToText(error)) return this.#ask();
      if (error.fatal) throw error;
      if (this.#ledger.turns > 0 && isContextOverflow(error)) {
        return { ended: 'context', value: this.#tokens.last };
      }
      return { ended: 'model-error', error };
    }
  }

  /** Turns to the text protocol where `auto` leaves it open and the endpoint says that it has no tools. */
  #mayTurnToText(error: ModelError): boolean {
    const { protocol, subject, messages, tools } = this.#options;
    const open = protocol === 'auto' && this.#dialogue.protocol === 'native' && this.#ledger.turns === 0;
    if (!open || !refusesTools(subject, error)) return false;
    this.#why = error.message;
    this.#dialogue = new TextDialogue(messages, tools);
    return true;
  }

  #outcome(end: RunEnd): AgentOutcome {
    const { tools } = this.#options;
    const { protocol } = this.#dialogue;
    return this.#ledger.outcome(endingOf(end), {
      protocol,
      ...(this.#why === undefined ? {} : { why: this.#why }),
      ...(protocol === 'text' ? { instructions: textInstructions(tools.map(({ tool }) => tool)) } : {}),
      ended: end.ended,
      tools: tools.map(({ tool }) => tool.name),
      steps: this.#ledger.turns,
      toolCalls: this.#toolCalls,
      malformed: this.#malformed,
      ...(this.#fromText === 0 ? {} : { callsFromText: this.#fromText }),
      elapsedMs: this.#clock.elapsedMs,
    });
  }
}

/**
 * What is wrong with an empty turn that ended for no reason of its own: Gemini and several servers throw a malformed tool
 * call away and say no more than that.
 */
function unreadable({ response, toolCalls, stop }: Generation): string | undefined {
  if (stop !== 'other' || response !== '' || toolCalls.length > 0) return undefined;
  return 'Your turn could not be read. If it called a tool, the call was malformed: call it again.';
}

function endingOf(end: RunEnd): Pick<AgentOutcome, 'status' | 'limit' | 'error'> {
  if (end.ended === 'model-error') return { status: 'error', error: trialError(end.error) };
  if (end.ended === 'sandbox-error') {
    return { status: 'error', error: { kind: 'sandbox', message: end.error.message } };
  }
  if (!('value' in end)) return { status: 'completed' };
  const kind = end.ended === 'length' || end.ended === 'context' ? 'tokens' : end.ended;
  return { status: 'limit', limit: { kind, value: end.value } };
}
