import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A chat request as far as the tests look at it. */
export interface ChatRequest {
  readonly model: string;
  readonly temperature?: number;
  readonly messages: readonly { readonly content: string }[];
}

/** What a server serves at the moment; changed between runs, as by a restart on the same port. */
export interface Serving {
  /** The name in its answers. */
  model: (request: ChatRequest) => string;
  /** What `/v1/models` says is behind each name; `null`: it has no such path. */
  roots: Readonly<Record<string, string>> | null;
  answer: (prompt: string, request: ChatRequest) => string;
  /** A message with which a request is rejected; `undefined` for none. */
  rejects: (request: ChatRequest) => string | undefined;
}

export interface ServedServer extends AsyncDisposable {
  readonly baseUrl: string;
  readonly serving: Serving;
  /** Chat requests so far, in their order. */
  readonly requests: ChatRequest[];
}

/** A server on the loopback interface that says who it is. */
export async function startServedServer(): Promise<ServedServer> {
  const serving: Serving = {
    model: ({ model }) => model,
    roots: null,
    answer: () => "I'm sorry, I can't help with that.",
    rejects: () => undefined,
  };
  const requests: ChatRequest[] = [];
  const server = createServer(async (request, response) => {
    const send = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.method === 'GET') {
      if (serving.roots === null) return send(404, { error: { message: 'no such path' } });
      return send(200, { data: Object.entries(serving.roots).map(([id, root]) => ({ id, root })) });
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const chat = JSON.parse(Buffer.concat(chunks).toString()) as ChatRequest;
    requests.push(chat);
    const message = serving.rejects(chat);
    if (message !== undefined) return send(400, { error: { message } });
    const content = serving.answer(chat.messages.at(-1)!.content, chat);
    return send(200, {
      model: serving.model(chat),
      system_fingerprint: `fp_${requests.length}`,
      choices: [{ message: { role: 'assistant', content }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 10, completion_tokens: 10 },
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    serving,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
