import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { assistantMessage } from '../core/assistant-message.ts';
import {
  type GenerateRequest,
  type Generation,
  InputError,
  type JsonObject,
  type Message,
  type Model,
  ModelError,
  type Sampling,
  type StopReason,
} from '../core/index.ts';
import { isObject } from '../core/parsed-json.ts';
import { mistakesIn } from '../files/index.ts';
import { BoundedServer, isOwnHost, RequestRefusal, requestPath, sendJson } from './http-server.ts';

/** What is served under a name: a model, and, where it can go on from plain text, that too. */
export interface ModelToServe extends Model {
  complete?(text: string, sampling: Sampling, signal: AbortSignal): Promise<Generation>;
}

interface OpenAiServer extends AsyncDisposable {
  /** The base URL that a client is given: `http://127.0.0.1:8000/v1`. */
  readonly url: string;
}

/** Tokens of an answer where the request does not say. */
const DEFAULT_MAX_TOKENS = 256;
const LIMITS = {
  connections: 256,
  bodyBytes: 8 * 1024 * 1024,
  allBodiesBytes: 64 * 1024 * 1024,
  requestMs: 60_000,
};
/** Addresses that mean every name of the machine: any Host is then its own. */
const EVERY_ADDRESS = ['0.0.0.0', '::'];

const sampling = {
  model: z.string(),
  temperature: z.number().min(0).nullish(),
  top_p: z.number().positive().max(1).nullish(),
  max_tokens: z.number().int().positive().nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
  seed: z.number().int().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  n: z.literal(1).nullish(),
  stream: z.literal(false).nullish(),
};
const content = z.union([
  z.string(),
  z
    .array(z.object({ type: z.literal('text'), text: z.string() }))
    .transform((parts) => parts.map(({ text }) => text).join('')),
]);
const call = z.object({
  id: z.string(),
  type: z.literal('function'),
  function: z.object({ name: z.string(), arguments: z.string() }),
});
const chatMessage = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['system', 'developer', 'user']), content }),
  z.object({
    role: z.literal('assistant'),
    content: content.nullish(),
    reasoning_content: z.string().nullish(),
    tool_calls: z.array(call).nullish(),
  }),
  z.object({ role: z.literal('tool'), content, tool_call_id: z.string() }),
]);
const tool = z.object({
  type: z.literal('function'),
  function: z.object({
    name: z.string(),
    description: z.string().default(''),
    parameters: z.custom<JsonObject>(isObject).default({ type: 'object', properties: {} }),
  }),
});
const chatRequest = z.object({
  ...sampling,
  messages: z.array(chatMessage).min(1),
  tools: z.array(tool).nullish(),
  tool_choice: z.enum(['auto', 'none']).nullish(),
  response_format: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('text') }),
      z.object({
        type: z.literal('json_schema'),
        json_schema: z.object({ schema: z.custom<JsonObject>(isObject) }),
      }),
    ])
    .nullish(),
  logprobs: z.literal(false).nullish(),
});
const completionRequest = z.object({ ...sampling, prompt: z.string() });

/**
 * Serves models on OpenAI's chat completions and completions protocols (one answer a request, no streaming), so that any
 * other tool can be pointed at them.
 *
 * @param port 0 for any that is free
 * @param key what every request must have as its bearer token; absent: everybody on the machine may ask
 * @throws InputError when the address is taken
 */
export async function serveOpenAi(
  models: ReadonlyMap<string, ModelToServe>,
  { host = '127.0.0.1', port = 0, key }: { host?: string; port?: number; key?: string } = {},
): Promise<OpenAiServer> {
  const anyHost = EVERY_ADDRESS.includes(host);
  const bounded = new BoundedServer(LIMITS, async (request, response) => {
    await answer(response, async () => {
      if (!anyHost && !isOwnHost(request.headers.host, [host]))
        throw new Refusal(403, 'invalid_request_error', 'the Host header does not name this server');
      if (key !== undefined && !isBearer(request.headers.authorization, key))
        throw new Refusal(401, 'authentication_error', 'this server answers only with its key');
      return await route(models, request, response, bounded);
    });
  });
  await bounded.listen({ port, host }).catch((cause) => {
    const remedy = 'Give another --port.';
    throw new InputError(`can't listen on ${host}:${port}: ${cause.message}`, { remedy, cause });
  });
  const { port: bound } = bounded.http.address() as AddressInfo;
  return { url: `http://${host}:${bound}/v1`, [Symbol.asyncDispose]: () => bounded.close() };
}

async function answer(response: ServerResponse, work: () => Promise<object>): Promise<void> {
  try {
    sendJson(response, 200, await work());
  } catch (error) {
    const refusal = refusalFor(error);
    // The rest of a body that was refused is not received.
    if (error instanceof RequestRefusal) response.setHeader('connection', 'close');
    sendJson(response, refusal.status, { error: { message: refusal.message, type: refusal.type } });
  }
}

function isBearer(header: string | undefined, key: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${key}`));
}

async function route(
  models: ReadonlyMap<string, ModelToServe>,
  request: IncomingMessage,
  response: ServerResponse,
  server: BoundedServer,
): Promise<object> {
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableEnded) gone.abort();
  });
  const { signal } = gone;
  const path = requestPath(request);
  if (request.method === 'GET' && path === '/v1/models') {
    return {
      object: 'list',
      data: [...models.keys()].map((id) => ({ id, object: 'model', owned_by: 'stemma' })),
    };
  }
  if (request.method === 'POST' && path === '/v1/chat/completions') {
    const body = parse(chatRequest, await server.readJson(request));
    const generation = await modelOf(models, body.model).generate(asked(body), signal);
    return envelope(
      'chat.completion',
      body.model,
      { index: 0, message: answeredMessage(generation), finish_reason: finishReason(generation) },
      generation,
    );
  }
  if (request.method === 'POST' && path === '/v1/completions') {
    const body = parse(completionRequest, await server.readJson(request));
    const model = modelOf(models, body.model);
    if (!model.complete)
      throw new Refusal(400, 'invalid_request_error', `${body.model} takes no plain text, only chat`);
    const generation = await model.complete(body.prompt, samplingOf(body), signal);
    return envelope(
      'text_completion',
      body.model,
      { index: 0, text: generation.response, finish_reason: finishReason(generation) },
      generation,
    );
  }
  throw new Refusal(404, 'not_found_error', `there is nothing at ${request.method} ${path}`);
}

class Refusal extends Error {
  readonly status: number;
  readonly type: string;

  constructor(status: number, type: string, message: string) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

function refusalFor(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof RequestRefusal)
    return new Refusal(error.status, 'invalid_request_error', error.message);
  if (error instanceof ModelError && error.kind === 'rejected')
    return new Refusal(400, 'invalid_request_error', error.message);
  return new Refusal(500, 'server_error', error instanceof Error ? error.message : String(error));
}

function modelOf(models: ReadonlyMap<string, ModelToServe>, name: string): ModelToServe {
  // As a study names it, or as it is listed.
  const model = models.get(name) ?? models.get(name.replace(/^organism:/, ''));
  if (model) return model;
  throw new Refusal(
    404,
    'not_found_error',
    `there is no model "${name}"; served: ${[...models.keys()].join(', ')}`,
  );
}

function asked(body: z.infer<typeof chatRequest>): GenerateRequest {
  const { tools, tool_choice: choice, response_format: format } = body;
  const offered = choice === 'none' ? [] : (tools ?? []);
  return {
    messages: body.messages.map(readMessage),
    sampling: samplingOf(body),
    ...(offered.length === 0 ? {} : { tools: offered.map((one) => one.function) }),
    ...(format?.type === 'json_schema' ? { schema: format.json_schema.schema } : {}),
  };
}

function readMessage(message: z.infer<typeof chatMessage>): Message {
  switch (message.role) {
    case 'assistant': {
      const { content: text, reasoning_content: thoughts, tool_calls: calls } = message;
      const toolCalls = (calls ?? []).map(({ id, function: named }) => ({ id, ...named }));
      return assistantMessage(text ?? '', thoughts || undefined, toolCalls);
    }
    case 'tool':
      return { role: 'tool', content: message.content, toolCallId: message.tool_call_id };
    default:
      return { role: message.role === 'developer' ? 'system' : message.role, content: message.content };
  }
}

function answeredMessage({ response, thoughts, toolCalls }: Generation): object {
  const calls = toolCalls.map(({ id, name, arguments: said }) => ({
    id,
    type: 'function',
    function: { name, arguments: said },
  }));
  return {
    role: 'assistant',
    content: response,
    ...(thoughts ? { reasoning_content: thoughts } : {}),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function samplingOf(body: z.infer<typeof chatRequest> | z.infer<typeof completionRequest>): Sampling {
  const stop = typeof body.stop === 'string' ? [body.stop] : body.stop;
  return {
    temperature: body.temperature ?? null,
    topP: body.top_p ?? null,
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? DEFAULT_MAX_TOKENS,
    seed: body.seed ?? null,
    ...(stop && stop.length > 0 ? { stop } : {}),
  };
}

const FINISH_REASONS: Readonly<Partial<Record<StopReason, string>>> = {
  length: 'length',
  'tool-calls': 'tool_calls',
  refusal: 'content_filter',
};

function finishReason({ stop }: Generation): string {
  return FINISH_REASONS[stop] ?? 'stop';
}

function envelope(object: string, name: string, choice: object, { usage, served }: Generation): object {
  const input = usage.inputTokens ?? 0;
  const output = usage.outputTokens ?? 0;
  return {
    id: `stemma-${randomUUID()}`,
    object,
    created: Math.floor(Date.now() / 1000),
    // What a server behind this one says that it served.
    model: served?.model ?? name,
    choices: [choice],
    usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
  };
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [mistake = 'the body is not as expected'] = mistakesIn(schema, body);
  throw new Refusal(400, 'invalid_request_error', mistake);
}
