import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import {
  type Generation,
  InputError,
  type Message,
  type Model,
  ModelError,
  type Sampling,
} from '../core/index.ts';
import { mistakesIn } from '../files/index.ts';
import { BoundedServer, isOwnHost, RequestRefusal, requestPath } from './http-server.ts';

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
const chatRequest = z.object({
  ...sampling,
  messages: z.array(z.object({ role: z.enum(['system', 'developer', 'user', 'assistant']), content })).min(1),
});
const completionRequest = z.object({ ...sampling, prompt: z.string() });

/**
 * Serves models on OpenAI's chat completions and completions protocols (one answer a request, no streaming), so that any
 * other tool can be pointed at them.
 *
 * @param port 0 for any that is free
 * @throws InputError when the address is taken
 */
export async function serveOpenAi(
  models: ReadonlyMap<string, ModelToServe>,
  { host = '127.0.0.1', port = 0 }: { host?: string; port?: number } = {},
): Promise<OpenAiServer> {
  const anyHost = EVERY_ADDRESS.includes(host);
  const bounded = new BoundedServer(LIMITS, async (request, response) => {
    const own = anyHost || isOwnHost(request.headers.host, [host]);
    await answer(own ? () => route(models, request, response, bounded) : refuseHost, response);
  });
  const server = bounded.http;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new InputError(`can't listen on ${host}:${port}: ${cause.message}`, {
          remedy: 'Give another --port.',
          cause,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
  bounded.ignoreErrors();
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${bound}/v1`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(work: () => Promise<unknown>, response: ServerResponse): Promise<void> {
  try {
    send(response, 200, await work());
  } catch (error) {
    const refusal = refusalFor(error);
    // The rest of a body that was refused is not received.
    if (error instanceof RequestRefusal) response.setHeader('connection', 'close');
    send(response, refusal.status, { error: { message: refusal.message, type: refusal.type } });
  }
}

async function refuseHost(): Promise<never> {
  throw new Refusal(403, 'invalid_request_error', 'the Host header does not name this server');
}

async function route(
  models: ReadonlyMap<string, ModelToServe>,
  request: IncomingMessage,
  response: ServerResponse,
  server: BoundedServer,
): Promise<unknown> {
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
    const messages = body.messages.map(
      ({ role, content: text }): Message => ({ role: role === 'developer' ? 'system' : role, content: text }),
    );
    const generation = await modelOf(models, body.model).generate(
      { messages, sampling: samplingOf(body) },
      signal,
    );
    const { thoughts } = generation;
    const message = {
      role: 'assistant',
      content: generation.response,
      ...(thoughts ? { reasoning_content: thoughts } : {}),
    };
    return envelope(
      'chat.completion',
      body.model,
      { index: 0, message, finish_reason: finishReason(generation) },
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

function finishReason({ stop }: Generation): string {
  return stop === 'length' ? 'length' : 'stop';
}

function envelope(object: string, model: string, choice: object, { usage }: Generation): unknown {
  const input = usage.inputTokens ?? 0;
  const output = usage.outputTokens ?? 0;
  return {
    id: `stemma-${randomUUID()}`,
    object,
    created: Math.floor(Date.now() / 1000),
    model,
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

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed) return;
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
