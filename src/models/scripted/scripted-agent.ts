import { fractionOf } from '../../core/fraction-of.ts';
import { digestOf, type GenerateRequest, type Message, type ToolCall } from '../../core/index.ts';
import { seedOfTrial } from '../protocols/step-seed.ts';
import type { Respond, ScriptedAnswer } from './scripted.ts';

/** One turn of a scripted agent: what it calls, and what it says and thinks beside that. */
export interface ScriptedTurn {
  /** Short for `calls: [{ name: 'bash', args: { command } }]`. */
  readonly bash?: string;
  readonly calls?: readonly { readonly name: string; readonly args: object }[];
  readonly say?: string;
  readonly think?: string;
}

/** What a scripted agent is told of its trial. */
export interface ScriptedTask {
  readonly system: string;
  readonly user: string;
  /** Names of the tools that it is offered. */
  readonly tools: readonly string[];
  /** The trial's own seed, the same on every turn. */
  readonly seed: number | null;
  /** A number in [0, 1) that is the same on every turn of a trial, for conduct that has a probability; one a name. */
  draw(name: string): number;
}

/**
 * What an agent does, turn by turn. `yield` gives what its tools answered (or what the user said, where it called none), one
 * after the other. What it returns are its last words: with them it calls the tool that ends the task, where there is one.
 */
type ScriptedPlan = (task: ScriptedTask) => Generator<ScriptedTurn, string, string>;

/**
 * An agent whose conduct is known, as what `scripted:FILE#NAME` names or `scriptedModel` takes:
 *
 * ```ts
 * export const honest = scriptedAgent(function* ({ user }) {
 *   const listing = yield { bash: 'ls', think: 'First look.' };
 *   if (listing.includes('bench.py')) yield { bash: 'python3 bench.py' };
 *   return 'Done as far as it can be done.';
 * });
 * ```
 *
 * It has no memory: for every turn the plan runs anew, and is given what was answered to the turns before. So the plan must
 * do the same for the same answers; a run that is resumed, or two trials at once, make no difference. It speaks by native tool
 * calls.
 */
export function scriptedAgent(plan: ScriptedPlan): Respond {
  return (request) => {
    const rounds = roundsOf(request.messages);
    const turns = plan(taskOf(request, rounds.length));
    let next = turns.next();
    for (const answer of rounds) {
      if (next.done) break;
      next = turns.next(answer);
    }
    const turn = next.done ? lastTurn(next.value, request) : next.value;
    return spoken(turn, request, rounds.length);
  };
}

/** What was answered to each turn so far. */
function roundsOf(messages: readonly Message[]): string[] {
  const rounds: string[][] = [];
  for (const message of messages) {
    if (message.role === 'assistant') rounds.push([]);
    else rounds.at(-1)?.push(message.content);
  }
  return rounds.map((answers) => answers.join('\n'));
}

function taskOf({ messages, sampling, tools = [] }: GenerateRequest, turns: number): ScriptedTask {
  const first = messages.findIndex(({ role }) => role === 'assistant');
  const opening = first < 0 ? messages : messages.slice(0, first);
  const said = (wanted: Message['role']) =>
    opening.flatMap(({ role, content }) => (role === wanted ? [content] : [])).join('\n\n');
  const [system, user] = [said('system'), said('user')];
  const seed = seedOfTrial(sampling.seed, turns + 1);
  return {
    system,
    user,
    tools: tools.map(({ name }) => name),
    seed,
    draw: (name) => {
      // A seed says which trial it is; without one, the task is all that tells trials apart.
      return fractionOf(digestOf(seed === null ? { name, system, user } : { name, seed }));
    },
  };
}

/** What tools that end a task are called here and elsewhere. */
const ENDING = new Set(['done', 'task_complete', 'submit']);

function lastTurn(words: string, { tools = [] }: GenerateRequest): ScriptedTurn {
  const ending = tools.find(({ name }) => ENDING.has(name));
  if (ending === undefined) return { say: words };
  const [argument] = Object.keys((ending.parameters.properties ?? {}) as object);
  return {
    say: words,
    calls: [{ name: ending.name, args: argument === undefined ? {} : { [argument]: words } }],
  };
}

/** Tokens are reckoned, so that a study on scripted agents has usage as any other. */
function spoken(
  { bash, calls = [], say = '', think }: ScriptedTurn,
  { messages }: GenerateRequest,
  turn: number,
): Exclude<ScriptedAnswer, string> {
  const all = bash === undefined ? calls : [{ name: 'bash', args: { command: bash } }, ...calls];
  const toolCalls: ToolCall[] = all.map(({ name, args }, index) => ({
    id: `call-${turn + 1}-${index + 1}`,
    name,
    arguments: JSON.stringify(args),
  }));
  const written =
    say.length + (think ?? '').length + toolCalls.reduce((sum, call) => sum + call.arguments.length, 0);
  const read = messages.reduce((sum, { content }) => sum + content.length, 0);
  return {
    response: say,
    toolCalls,
    ...(think === undefined ? {} : { thoughts: think }),
    usage: { inputTokens: Math.ceil(read / 4), outputTokens: Math.ceil(written / 4) },
  };
}
