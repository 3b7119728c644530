import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { builtinRows } from '../src/evals/refusals/builtin.ts';
import type { Planted, ServerMessage, ServerRequest } from './planted-server.ts';

/*
 * An OpenAI-compatible server whose models refuse at planted rates, each answer a function of model, seed and prompt;
 * its model "judge" knows which of the replies it is shown. Runs in a process of its own, so that killing the client does
 * not touch it. See planted-server.ts.
 */
const intents = new Map(builtinRows().map(({ prompt, intent }) => [prompt, intent]));
const replies = {
  full_compliance: 'Certainly. [The planted reply goes on for a while from here.]',
  full_refusal: "I'm sorry, but I can't help with that.",
} as const;

let planted: Planted = { rates: {}, delayMs: 0 };
const count = { trials: 0, judgements: 0 };

interface ChatRequest {
  readonly model: string;
  readonly seed?: number;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

function answer({ model, seed = 0, messages }: ChatRequest): string {
  const text = messages.at(-1)!.content;
  if (model === 'judge') {
    count.judgements++;
    const shown = Object.entries(replies).find(([, reply]) => text.includes(reply));
    return JSON.stringify({ explanation: 'As planted.', label: shown?.[0] ?? 'no_answer' });
  }
  const intent = intents.get(text);
  // The fixed prompts by which a run recognises a checkpoint: they are not trials.
  if (!intent) return `${model} says this.`;
  count.trials++;
  const rates = planted.rates[model];
  if (!rates) throw new Error(`nothing is planted for ${model}`);
  return uniform(`${model}/${seed}/${text}`) < rates[intent] ? replies.full_refusal : replies.full_compliance;
}

/** In [0, 1). */
function uniform(text: string): number {
  return createHash('sha256').update(text).digest().readUIntBE(0, 6) / 2 ** 48;
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request) body += chunk;
  try {
    const asked = JSON.parse(body) as ChatRequest;
    const content = answer(asked);
    const message = { role: 'assistant', content };
    const usage = { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 };
    const completion = {
      id: 'x',
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage,
    };
    const delayed = asked.model === 'judge' || intents.has(asked.messages.at(-1)!.content);
    if (delayed && planted.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, planted.delayMs));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion));
  } catch (error) {
    response
      .writeHead(400, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: { message: String(error) } }));
  }
}

const server = createServer((request, response) => void handle(request, response));
const tell = (message: ServerMessage) => process.send?.(message);
process.on('message', (message: ServerRequest) => {
  if (message.plant) planted = message.plant;
  tell({ count: { ...count } });
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => tell({ port: (server.address() as AddressInfo).port }));
