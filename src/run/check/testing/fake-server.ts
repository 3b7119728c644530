import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A chat or text completion request, as far as the tests look at it. */
export interface FakeRequest {
  readonly [member: string]: unknown;
  readonly model: string;
  readonly messages?: readonly { readonly role: string; readonly content: string }[];
  readonly prompt?: string;
  readonly temperature?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  readonly tools?: readonly unknown[];
}

/** What a fake server does; each part has a default of a server that does all that it is asked. */
export interface FakeServing {
  readonly model?: string;
  /** The body of `/v1/models` and of `/props`. */
  readonly models?: unknown;
  readonly props?: unknown;
  /** Parts of requests that have no effect. */
  readonly drops?: readonly ('system' | 'tools' | 'schema' | 'stop' | 'seed' | 'temperature')[];
  /** Whether the stop sequence that ended an answer stays at its end. */
  readonly keepsStop?: boolean;
  /** Parts that a request is rejected for. */
  readonly refuses?: readonly ('system' | 'tools' | 'schema' | 'stop')[];
}

export interface FakeServer extends AsyncDisposable {
  readonly baseUrl: string;
  readonly requests: FakeRequest[];
  readonly paths: string[];
}

/** A server of which it is known what it does with each part of a request. It counts four characters as a token. */
export async function startFakeServer(serving: FakeServing = {}): Promise<FakeServer> {
  const { drops = [], refuses = [] } = serving;
  const requests: FakeRequest[] = [];
  const paths: string[] = [];
  let calls = 0;
  const answerTo = (request: FakeRequest): string => {
    calls++;
    const text = JSON.stringify(request.messages ?? request.prompt);
    if (request.response_format !== undefined && !drops.includes('schema')) return '{"colour":"blue"}';
    const greedy = request.temperature === 0 || drops.includes('temperature');
    const draw = greedy ? 0 : drops.includes('seed') ? calls : (request.seed ?? calls);
    const words = `The sea number ${draw} is wide and the answer has ${text.length} characters in all.`;
    if (drops.includes('stop')) return words;
    const ends = (request.stop ?? []).flatMap((stop) => {
      const at = words.indexOf(stop);
      return at < 0 ? [] : [at + (serving.keepsStop ? stop.length : 0)];
    });
    return words.slice(0, Math.min(words.length, ...ends));
  };
  const server = createServer(async (request, response) => {
    const send = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    paths.push(`${request.method} ${request.url}`);
    if (request.method === 'GET') {
      const body = request.url === '/props' ? serving.props : serving.models;
      return body === undefined ? send(404, {}) : send(200, body);
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const asked = JSON.parse(Buffer.concat(chunks).toString()) as FakeRequest;
    requests.push(asked);
    const has = {
      system: asked.messages?.some(({ role }) => role === 'system') ?? false,
      tools: asked.tools !== undefined,
      schema: asked.response_format !== undefined,
      stop: asked.stop !== undefined,
    };
    const refused = refuses.find((part) => has[part]);
    if (refused !== undefined) return send(400, { error: { message: `${refused} is not supported` } });
    const kept = (asked.messages ?? []).filter(({ role }) => role !== 'system' || !drops.includes('system'));
    const shown = [kept, asked.prompt, drops.includes('tools') ? undefined : asked.tools];
    const content = answerTo(asked);
    const usage = {
      prompt_tokens: Math.ceil(JSON.stringify(shown).length / 4),
      completion_tokens: Math.max(1, Math.ceil(content.length / 4)),
    };
    const choice = { text: content, message: { role: 'assistant', content }, finish_reason: 'stop' };
    return send(200, { model: serving.model ?? asked.model, choices: [choice], usage });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    paths,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
