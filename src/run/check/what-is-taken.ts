import { lacksTools } from '../../agent/index.ts';
import {
  type GenerateRequest,
  type Generation,
  type JsonSchema,
  type Message,
  type Model,
  ModelError,
  type Tool,
} from '../../core/index.ts';
import { parseModelRef, type ServerDescription } from '../../models/index.ts';

/**
 * What becomes of a part of a request:
 *
 * - `taken`: it had an effect
 * - `dropped`: the request succeeded, and the part had no effect
 * - `refused`: the request was rejected because of it
 * - `not sent`: the protocol has no place for it
 * - `not known`: the server does not say enough to tell
 */
export type Fate = 'taken' | 'dropped' | 'refused' | 'not sent' | 'not known';

export const PARTS = ['system', 'tools', 'schema', 'stop', 'seed'] as const;

type TakenPart = (typeof PARTS)[number];

export type WhatIsTaken = Readonly<Record<TakenPart, Fate>>;

/** Parts that are tried here; seeds are known from the sampling probe. */
type Tried = Omit<WhatIsTaken, 'seed'>;

/**
 * Finds out with a few short requests what a model's server does with system messages, tools, JSON schemas and stop sequences.
 * Servers drop some of them without a word: a system message or a tool that adds no token to the prompt was dropped.
 *
 * @throws ModelError where not even a plain request succeeds; whatever the model throws once the signal aborts
 */
export async function whatIsTaken(
  model: Model,
  server: ServerDescription | null,
  signal: AbortSignal,
): Promise<Tried> {
  const ask = asker(model, signal);
  const plain = await ask({ messages: [user('Name three colours.')] });
  if (plain instanceof ModelError) throw plain;
  const told = await ask({ messages: [LONG_SYSTEM, user('Name three colours.')] });
  return {
    system: fateOfTokens(plain, told),
    tools: await fateOfTools(model, server, plain, ask),
    schema: await fateOfSchema(model, ask),
    stop: await fateOfStop(model, ask),
  };
}

/** The same of tools alone, with two requests. */
export async function fateOfToolsAt(
  model: Model,
  server: ServerDescription | null,
  signal: AbortSignal,
): Promise<Fate> {
  if (lacksTools(model.ref) !== undefined) return 'not sent';
  const ask = asker(model, signal);
  const plain = await ask({ messages: [user('Name three colours.')] });
  if (plain instanceof ModelError) throw plain;
  return fateOfTools(model, server, plain, ask);
}

type AskSettings = (
  request: Omit<GenerateRequest, 'sampling'>,
  sampling?: Partial<GenerateRequest['sampling']>,
) => Promise<Generation | ModelError>;

const MOST_TOKENS = 32;

/** Asks greedily; without a temperature, where the server takes none. */
function asker(model: Model, signal: AbortSignal): AskSettings {
  let temperature: 0 | null = 0;
  const once: AskSettings = async (request, sampling = {}) => {
    try {
      return await model.generate(
        {
          ...request,
          sampling: { temperature, topP: null, maxTokens: MOST_TOKENS, seed: null, ...sampling },
        },
        signal,
      );
    } catch (error) {
      if (signal.aborted || !(error instanceof ModelError)) throw error;
      return error;
    }
  };
  let first = true;
  return async (request, sampling) => {
    const outcome = await once(request, sampling);
    const retried = first && outcome instanceof ModelError && outcome.kind === 'rejected';
    first = false;
    if (!retried) return outcome;
    temperature = null;
    return once(request, sampling);
  };
}

function user(content: string): Message {
  return { role: 'user', content };
}

/** Long enough that its tokens are more than those of any default that a template may have in its place. */
const LONG_SYSTEM: Message = {
  role: 'system',
  content: Array.from({ length: 20 }, (_, i) => `Rule ${i + 1}: answer in plain words and be polite.`).join(
    '\n',
  ),
};

/** Fewer tokens than this are no trace of a text that has hundreds. */
const TRACE = 30;

function fateOfTokens(plain: Generation, added: Generation | ModelError): Fate {
  if (added instanceof ModelError) return added.kind === 'rejected' ? 'refused' : 'not known';
  const [before, after] = [plain.usage.inputTokens, added.usage.inputTokens];
  if (before === null || after === null) return 'not known';
  return after - before >= TRACE ? 'taken' : 'dropped';
}

const TOOL: Tool = {
  name: 'note_colours',
  description: Array.from(
    { length: 10 },
    () => 'Notes the names of colours, so that they can be read again later.',
  ).join(' '),
  parameters: {
    type: 'object',
    properties: { colours: { type: 'array', items: { type: 'string' } } },
    required: ['colours'],
    additionalProperties: false,
  },
};

async function fateOfTools(
  { ref }: Model,
  server: ServerDescription | null,
  plain: Generation,
  ask: AskSettings,
): Promise<Fate> {
  if (lacksTools(ref) !== undefined) return 'not sent';
  const offered = await ask({ messages: [user('Name three colours.')], tools: [TOOL] });
  if (!(offered instanceof ModelError) && offered.toolCalls.length > 0) return 'taken';
  const fate = fateOfTokens(plain, offered);
  return fate !== 'refused' && server?.takesTools === false ? 'dropped' : fate;
}

const SCHEMA: JsonSchema = {
  type: 'object',
  properties: { colour: { type: 'string', enum: ['red', 'blue'] } },
  required: ['colour'],
  additionalProperties: false,
};

async function fateOfSchema({ ref }: Model, ask: AskSettings): Promise<Fate> {
  if (protocolOf(ref) === 'openai-completions') return 'not sent';
  const answer = await ask({ messages: [user('Which colour has the sea?')], schema: SCHEMA });
  if (answer instanceof ModelError) return answer.kind === 'rejected' ? 'refused' : 'not known';
  if (answer.response === '') return 'not known';
  try {
    const { colour } = JSON.parse(answer.response) as { colour?: unknown };
    return colour === 'red' || colour === 'blue' ? 'taken' : 'dropped';
  } catch {
    return 'dropped';
  }
}

/** Asks twice, the second time with a stop sequence from the middle of the first answer. */
async function fateOfStop({ ref }: Model, ask: AskSettings): Promise<Fate> {
  if (protocolOf(ref) === 'openai-responses') return 'not sent';
  const messages = [user('Write a few sentences about the sea.')];
  const whole = await ask({ messages });
  if (whole instanceof ModelError) return 'not known';
  const words = whole.response.match(/\S{2,}/gu) ?? [];
  const stop = words.slice(Math.floor(words.length / 2)).find((word) => whole.response.indexOf(word) > 0);
  if (stop === undefined) return 'not known';
  const stopped = await ask({ messages }, { stop: [stop] });
  if (stopped instanceof ModelError) return stopped.kind === 'rejected' ? 'refused' : 'not known';
  if (stopped.response.includes(stop)) return 'dropped';
  const before = whole.response.slice(0, whole.response.indexOf(stop)).trimEnd();
  return stopped.response.trimEnd() === before ? 'taken' : 'not known';
}

/** What the sampling probe says of seeds. */
export function fateOfSeed(ref: string, probe: { readonly repeatable: boolean | null } | null): Fate {
  const protocol = protocolOf(ref);
  if (protocol === 'anthropic-messages' || protocol === 'openai-responses') return 'not sent';
  if (probe === null || probe.repeatable === null) return 'not known';
  return probe.repeatable ? 'taken' : 'dropped';
}

/** `null` for a model object with a ref of its own making. */
function protocolOf(ref: string): string | null {
  try {
    return parseModelRef(ref).protocol;
  } catch {
    return null;
  }
}
