import type { ConversationLimits } from '../../core/index.ts';
import { type Bounds, CHARACTERS_A_TOKEN, type Tokens, USUAL_RESPONSE_TOKENS } from './load-size.ts';

/** What an agent usually takes for a task, and its tools usually answer to a turn. Guesses, as all that is usual here. */
export const USUAL_TURNS = 12;
const USUAL_TOOL_TOKENS = 300;
/** The most that one answer of a tool is passed on of: 20,000 characters. */
const MOST_TOOL_TOKENS = 20_000 / CHARACTERS_A_TOKEN;

/** What trials of agents take. */
interface AgentSize {
  readonly turns: Bounds<number>;
  /** Of all calls of all trials: each turn reads all that came before it. */
  readonly tokens: Bounds<Tokens>;
  /** What a judge reads beside the prompts, where it is shown all: the turns and the tools' answers, once. */
  readonly read: Bounds<number>;
}

/** @param asked how many trials; `prompts`: tokens of all their prompts together; `maxTokens`: of one turn */
export function agentSize(
  { turns: most, tokens: limit }: ConversationLimits,
  asked: { readonly trials: number; readonly prompts: number; readonly maxTokens: number },
): AgentSize {
  const { trials, prompts, maxTokens } = asked;
  const usualTurn = Math.min(maxTokens, USUAL_RESPONSE_TOKENS);
  const turns = { atMost: most, usual: Math.min(most, USUAL_TURNS) };
  const size = (count: number, turn: number, answer: number): Tokens => {
    const grown = (count * (count - 1)) / 2;
    const input = count * prompts + trials * grown * (turn + answer);
    const output = trials * count * turn;
    // A trial ends once it has passed its limit; that the last call may pass it by itself is not counted.
    const share = limit === undefined ? 1 : Math.min(1, (limit * trials) / (input + output));
    return { input: Math.round(input * share), output: Math.round(output * share) };
  };
  const shown = (count: number, turn: number, answer: number) => trials * count * (turn + answer);
  return {
    turns,
    tokens: {
      atMost: size(turns.atMost, maxTokens, MOST_TOOL_TOKENS),
      usual: size(turns.usual, usualTurn, USUAL_TOOL_TOKENS),
    },
    read: {
      atMost: shown(turns.atMost, maxTokens, MOST_TOOL_TOKENS),
      usual: shown(turns.usual, usualTurn, USUAL_TOOL_TOKENS),
    },
  };
}
