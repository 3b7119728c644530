import { type IncomingHttpHeaders, request } from 'node:http';

export interface BridgeResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One HTTP request over a Unix socket, as the relay carries it. */
export function post(
  socketPath: string,
  path: string,
  body: unknown,
  { method = 'POST', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<BridgeResponse> {
  return new Promise((resolve, reject) => {
    const text = method === 'POST' ? JSON.stringify(body) : '';
    const call = request({
      socketPath,
      path,
      method,
      headers: { 'content-type': 'application/json', ...headers },
    });
    call.on('error', reject);
    call.on('response', (response) => {
      let said = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        said += part;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: said }),
      );
      response.on('error', reject);
    });
    call.end(text);
  });
}

export interface SentEvent {
  readonly event: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into JSON of three protocols
  readonly data: any;
}

/** Server-sent events, read by the specification's rules as far as these protocols use them. */
export function sentEvents(text: string): SentEvent[] {
  return text
    .split('\n\n')
    .filter((block) => /^data:/m.test(block))
    .map((block) => {
      const field = (name: string) =>
        block
          .split('\n')
          .filter((line) => line.startsWith(`${name}: `))
          .map((line) => line.slice(name.length + 2))
          .join('\n');
      return { event: field('event') || undefined, data: JSON.parse(field('data')) };
    });
}
