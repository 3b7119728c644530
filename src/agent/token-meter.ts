import type { GenerateRequest, Generation, Message } from '../core/index.ts';

/** As the plan of a study reckons. */
const CHARACTERS_A_TOKEN = 4;

/** Counts the tokens of a trial's calls; reckons those of endpoints that don't say. */
export class TokenMeter {
  #total = 0;
  #last = 0;

  add(
    { messages }: Pick<GenerateRequest, 'messages'>,
    { usage, response, thoughts = '', toolCalls }: Generation,
  ): void {
    const said =
      response.length + thoughts.length + toolCalls.reduce((sum, call) => sum + call.arguments.length, 0);
    this.#last = (usage.inputTokens ?? reckoned(lengthOf(messages))) + (usage.outputTokens ?? reckoned(said));
    this.#total += this.#last;
  }

  /** In and out, of all calls. */
  get total(): number {
    return this.#total;
  }

  /** In and out, of the last call: how long the conversation has become. */
  get last(): number {
    return this.#last;
  }
}

function reckoned(characters: number): number {
  return Math.ceil(characters / CHARACTERS_A_TOKEN);
}

function lengthOf(messages: readonly Message[]): number {
  return messages.reduce((sum, message) => {
    const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
    return sum + message.content.length + calls.reduce((length, call) => length + call.arguments.length, 0);
  }, 0);
}
