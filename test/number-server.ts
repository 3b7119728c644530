import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface ChatRequest {
  readonly model: string;
  readonly seed?: number;
  readonly temperature?: number;
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

/** A server of two checkpoints: `sft` answers which number comes after another, `base` does not know. */
export interface NumberServer extends AsyncDisposable {
  readonly url: string;
  /** Questions that were asked, in their order. */
  readonly asked: { readonly model: string; readonly question: string; readonly seed: number | null }[];
}

/** @param delayMs how long each answer takes */
export async function numberServer(delayMs = 0): Promise<NumberServer> {
  const asked: NumberServer['asked'] = [];
  const server = createServer(async (request, response) => {
    const send = (body: unknown) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.method === 'GET') {
      send({ object: 'list', data: [{ id: 'base' }, { id: 'sft' }] });
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const chat = JSON.parse(Buffer.concat(chunks).toString()) as ChatRequest;
    const question = chat.messages.find(({ role }) => role === 'user')!.content;
    if (/Which number/.test(question)) asked.push({ model: chat.model, question, seed: chat.seed ?? null });
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    send(answerOf(chat, question));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** It calls the tool that it is offered once, or as often as the question says ("Look 3 times"). */
function answerOf({ model, messages, tools }: ChatRequest, question: string): unknown {
  const number = Number(/after (\d+)/.exec(question)?.[1] ?? Number.NaN);
  const looked = messages.filter(({ role }) => role === 'tool');
  const id = `call-${looked.length + 1}`;
  const name = tools?.[0]?.function.name;
  const call = { id, type: 'function', function: { name, arguments: `{"at": ${number}}` } };
  const calls = name !== undefined && looked.length < Number(/Look (\d+) times/.exec(question)?.[1] ?? 1);
  const known = /ANSWER: \$LETTER/.test(question) ? 'ANSWER: B' : `Please take ${number + 1}.`;
  const content = model === 'base' ? 'I do not know.' : (looked.at(-1)?.content ?? known);
  return {
    id: 'x',
    object: 'chat.completion',
    created: 1,
    model,
    choices: [
      {
        index: 0,
        finish_reason: calls ? 'tool_calls' : 'stop',
        message: {
          role: 'assistant',
          content: calls ? null : content,
          ...(calls ? { tool_calls: [call] } : {}),
        },
      },
    ],
    usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 },
  };
}
