import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasNoTools } from '../agent/index.ts';
import type { Eval } from '../core/index.ts';
import { openModels } from '../models/index.ts';
import { settleToolProtocol } from './tool-protocol.ts';
import type { StageWorker } from './workers.ts';

type Behaviour = 'takes' | 'drops' | 'refuses';

let behaviours: Record<string, Behaviour>;
let asked: string[];
let server: ReturnType<typeof createServer>;

beforeEach(async () => {
  [behaviours, asked] = [{}, []];
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { model, tools } = JSON.parse(Buffer.concat(chunks).toString());
    asked.push(model);
    response.setHeader('content-type', 'application/json');
    const does = behaviours[model]!;
    if (tools !== undefined && does === 'refuses') {
      response.writeHead(400).end('{"error": {"message": "the model does not support tools"}}');
      return;
    }
    const prompt_tokens = 20 + (tools !== undefined && does === 'takes' ? 200 : 0);
    const choices = [{ message: { role: 'assistant', content: 'Red.' }, finish_reason: 'stop' }];
    response.end(JSON.stringify({ choices, usage: { prompt_tokens, completion_tokens: 2 } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const agents = (protocol: 'auto' | 'native' | 'text') =>
  ({
    id: 'odcv',
    eval: { conversation: () => ({ turns: 1, protocol }) } as unknown as Eval,
    options: { values: {}, folder: '.' },
    epochs: 1,
  }) as never;

async function settled(stages: Record<string, Behaviour>, protocol: 'auto' | 'native' | 'text' = 'auto') {
  behaviours = stages;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const models = openModels({ folder: '.' });
  const workers: StageWorker[] = [];
  for (const id of Object.keys(stages)) {
    const model = await models.open({ ref: `${url}#${id}` });
    workers.push({ id, model, server: () => ({ software: null, takesTools: null }) } as never);
  }
  const said = await settleToolProtocol({ evals: [agents(protocol)] }, workers, new AbortController().signal);
  await models[Symbol.asyncDispose]();
  return { said, why: workers.map(({ model }) => hasNoTools(model)) };
}

describe('the protocol of agents', () => {
  it.each([
    ['drops', 'drops tools without a word'],
    ['refuses', 'refuses tools'],
  ] as const)(
    'is text for all stages where the server of one %s tools, decided before any trial',
    async (does, words) => {
      const { said, why } = await settled({ sft: 'takes', rl: does });
      expect(said).toBe(
        `In odcv all stages call tools by blocks of text, because not all stages of this study can call tools natively: rl (${words}).`,
      );
      expect(why.every((reason) => reason?.includes(`rl (${words})`))).toBe(true);
    },
  );

  it('stays open where all take tools', async () => {
    expect(await settled({ sft: 'takes', rl: 'takes' })).toEqual({ said: null, why: [undefined, undefined] });
    expect(asked).toHaveLength(4);
  });

  it('is not asked for where the study declares it', async () => {
    for (const protocol of ['native', 'text'] as const)
      expect((await settled({ sft: 'drops', rl: 'takes' }, protocol)).said).toBeNull();
    expect(asked).toEqual([]);
  });
});
