import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type GenerateRequest, InputError, type Message, ModelError } from '../core/index.ts';
import { readEcho } from './endpoint/likelihood-by-echo.ts';
import { openModels, scriptedModel } from './index.ts';

/*
 * How likely texts are, over HTTP. The servers here are stand-ins with a model that can be computed by hand: a word is a token, and
 * its log probability is minus its length. test/real-models.test.ts asks a real llama.cpp server; a real vLLM was not asked.
 */
const never = new AbortController().signal;
const messages: Message[] = [{ role: 'user', content: 'Is it safe?' }];
const request: GenerateRequest = {
  messages,
  sampling: { temperature: 1, topP: 1, maxTokens: 8, seed: 1 },
  likelihoodOf: [' yes', ' no way'],
};
type Body = Record<string, unknown>;
type Answer = { readonly status?: number; readonly body: unknown };

/** @param respond answers a POST; GET gives the list of models */
async function served(
  respond: (path: string, body: Body) => Answer,
  ask: (ref: string, seen: { path: string; body: Body }[]) => Promise<void>,
  owner = 'vllm',
): Promise<void> {
  const seen: { path: string; body: Body }[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks = await Array.fromAsync(incoming);
    if (incoming.method === 'GET') {
      outgoing.end(JSON.stringify({ data: [{ id: 'm', root: '/weights/m', owned_by: owner }] }));
      return;
    }
    const body = JSON.parse(Buffer.concat(chunks as Buffer[]).toString());
    seen.push({ path: incoming.url!, body });
    const answer = respond(incoming.url!, body);
    outgoing.statusCode = answer.status ?? 200;
    outgoing.end(JSON.stringify(answer.body));
  }).listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  try {
    await ask(`completions+http://127.0.0.1:${(server.address() as AddressInfo).port}/v1#m`, seen);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function scored(ref: string, asked = request) {
  await using models = openModels({ folder: '.' });
  const model = await models.open({ ref });
  return await model.generate(asked, never);
}

/** Tokens as vLLM makes them here: words with the space before them, after a token that begins the text. */
const tokensOf = (text: string) => ['<s>', ...(text.match(/\s*\S+/g) ?? [])];

function echo({ prompt }: Body, change: (logprobs: Body) => Body = (same) => same): Answer {
  const tokens = tokensOf(prompt as string);
  const logprobs = {
    tokens: [...tokens, ' more'],
    token_logprobs: [null, ...tokens.slice(1).map((token) => -token.length), -0.5],
  };
  const usage = { prompt_tokens: tokens.length, completion_tokens: 1 };
  return { body: { model: 'm', usage, choices: [{ text: 'x', logprobs: change(logprobs) }] } };
}

describe('by echo', () => {
  test('sums the tokens that the text is made of, and no other', async () => {
    await served(
      (_, body) => echo(body),
      async (ref, seen) => {
        const { likelihoods, response, served: by, usage, raw, attempts } = await scored(ref);
        expect(likelihoods).toEqual([
          { text: ' yes', logProbability: -4, tokens: 1 },
          { text: ' no way', logProbability: -7, tokens: 2 },
        ]);
        expect(response).toBe('yes');
        expect(by).toEqual({ model: 'm', root: '/weights/m' });
        expect(usage).toEqual({ inputTokens: 15, outputTokens: 2 });
        expect(raw).toMatchObject({ way: 'echo', texts: [{ text: ' yes' }, { text: ' no way' }] });
        expect(attempts).toBe(1);
        expect(seen[0]).toMatchObject({
          path: '/v1/completions',
          body: { prompt: 'User: Is it safe?\n\nAssistant: yes', echo: true, logprobs: 1, max_tokens: 1 },
        });
      },
    );
  });

  test('a token that holds the end of the prompt and the beginning of the text counts', () => {
    const body = {
      usage: { prompt_tokens: 3 },
      choices: [{ logprobs: { tokens: ['a', ' b', ': ye', 's'], token_logprobs: [null, -1, -2, -3] } }],
    };
    const full = { ...body, usage: { prompt_tokens: 4 } };
    expect(readEcho({ ref: 'r' }, full, { prompt: 'a b: ', text: 'yes' })).toEqual([
      { token: ': ye', logProbability: -2 },
      { token: 's', logProbability: -3 },
    ]);
    expect(() => readEcho({ ref: 'r' }, body, { prompt: 'a b: ', text: 'yes' })).toThrow('do not spell');
  });

  test('counts the tokens of the prompt by their text where the server does not count them', () => {
    const body = { choices: [{ logprobs: { tokens: ['a', ' b', ' c'], token_logprobs: [null, -1, -2] } }] };
    expect(readEcho({ ref: 'r' }, body, { prompt: 'a', text: ' b' })).toEqual([
      { token: ' b', logProbability: -1 },
    ]);
  });

  test('leaves white space out where the prompt ends with some', async () => {
    await served(
      (_, body) => echo(body),
      async (ref, seen) => {
        const opened: Message[] = [...messages, { role: 'assistant', content: 'I say\n' }];
        const { likelihoods } = await scored(ref, { ...request, messages: opened, likelihoodOf: [' yes'] });
        expect(seen[0]!.body.prompt).toBe('User: Is it safe?\n\nAssistant: I say\nyes');
        expect(likelihoods).toEqual([{ text: ' yes', logProbability: -4, tokens: 1 }]);
      },
    );
  });

  const servers: [string, (body: Body) => Answer, string][] = [
    [
      'that ignores echo',
      () => ({
        body: {
          usage: { prompt_tokens: 7, completion_tokens: 1 },
          choices: [{ text: ' a', logprobs: { tokens: [' a'], token_logprobs: [-1] } }],
        },
      }),
      'gives 1 values for 7 tokens of the prompt',
    ],
    [
      'without logprobs',
      () => ({ body: { choices: [{ text: ' a' }] } }),
      'no log probabilities of the prompt',
    ],
    [
      'with logprobs of another form',
      () => ({ body: { choices: [{ text: ' a', logprobs: { content: [{ token: ' a', logprob: -1 }] } }] } }),
      'no log probabilities of the prompt',
    ],
    [
      'with too few values',
      (body) =>
        echo(body, ({ tokens, token_logprobs }) => ({
          tokens,
          token_logprobs: (token_logprobs as []).slice(1),
        })),
      'values for',
    ],
    [
      'with gaps',
      (body) =>
        echo(body, (all) => ({
          ...all,
          token_logprobs: (all.tokens as []).map((_, i) => (i === 3 ? null : -1)),
        })),
      'some tokens of the prompt have no log probability',
    ],
    [
      'with probabilities in place of their logarithms',
      (body) => echo(body, (all) => ({ ...all, token_logprobs: (all.tokens as []).map(() => 0.4) })),
      'some tokens of the prompt have no log probability',
    ],
    [
      'with zeros',
      (body) => echo(body, (all) => ({ ...all, token_logprobs: (all.tokens as []).map(() => 0) })),
      'every token of the prompt has the log probability 0',
    ],
    [
      'that refuses',
      () => ({ status: 400, body: { error: { message: 'Only no echo is supported' } } }),
      'it refuses echo with logprobs',
    ],
  ];
  test.each(servers)('refuses a server %s', async (_, respond, why) => {
    await served(
      (_path, body) => respond(body),
      async (ref) => {
        const error = await scored(ref).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(InputError);
        expect(String(error)).toContain('cannot say how likely a text is');
        expect(String(error)).toContain(why);
        expect(String(error)).toContain('transformers serve');
      },
    );
  });

  test('one prompt that is too long fails alone', async () => {
    const respond = () => ({ status: 400, body: { error: { message: 'maximum context length is 8' } } });
    await served(respond, async (ref) => {
      const error = await scored(ref).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ModelError);
      expect(error).toMatchObject({ kind: 'rejected', status: 400 });
    });
  });
});

/** llama.cpp's server with a character for a token, whose log probability is minus its code divided by 100. */
function llama(path: string, body: Body): Answer {
  const value = (id: number) => -id / 100;
  if (path === '/tokenize') {
    const bytes = [...Buffer.from(`^${body.content}`)];
    return {
      body: { tokens: bytes.map((id) => ({ id, piece: id < 128 ? String.fromCharCode(id) : [id] })) },
    };
  }
  const [[forced]] = body.logit_bias as [[number, number]];
  const listed = (body.n_probs as number) > 100 ? Array.from({ length: 256 }, (_, id) => id) : [121];
  const shown = (id: number) => ({ id, logprob: value(id) });
  return {
    body: {
      model: 'm',
      tokens_evaluated: (body.prompt as number[]).length,
      tokens_predicted: 1,
      completion_probabilities: forced < 128 ? [{ ...shown(forced), top_logprobs: listed.map(shown) }] : [],
    },
  };
}

describe('by prefix', () => {
  const code = (text: string) => [...Buffer.from(text)].reduce((sum, id) => sum - id / 100, 0);

  test('asks llama.cpp after each token, and once for what texts have in common', async () => {
    await served(
      llama,
      async (ref, seen) => {
        const asked = { ...request, likelihoodOf: [' (A)', ' (B)'] };
        const { likelihoods, usage, raw } = await scored(ref, asked);
        expect(likelihoods!.map(({ tokens }) => tokens)).toEqual([4, 4]);
        expect(likelihoods![0]!.logProbability).toBeCloseTo(code(' (A)'), 10);
        expect(likelihoods![1]!.logProbability).toBeCloseTo(code(' (B)'), 10);
        const completions = seen.filter(({ path }) => path === '/completion');
        // " " and "(" once, then A and ")" after it, B and ")" after it.
        expect(completions).toHaveLength(6);
        expect(completions[0]!.body).toMatchObject({
          n_predict: 1,
          post_sampling_probs: false,
          temperature: 0,
        });
        expect(usage.outputTokens).toBe(6);
        expect(raw).toMatchObject({ way: 'prefix' });
      },
      'llamacpp',
    );
  });

  test('lists all tokens where one is a part of a character', async () => {
    await served(
      llama,
      async (ref) => {
        const { likelihoods } = await scored(ref, { ...request, likelihoodOf: [' für'] });
        expect(likelihoods![0]!.tokens).toBe(5);
        expect(likelihoods![0]!.logProbability).toBeCloseTo(code(' für'), 10);
      },
      'llamacpp',
    );
  });

  const faults: [string, (answer: Body) => Body, string][] = [
    [
      'gives no probabilities',
      ({ completion_probabilities: _, ...rest }) => rest,
      'no log probabilities for `n_probs`',
    ],
    [
      'ignores the bias',
      (answer) => ({ ...answer, completion_probabilities: [{ id: 7, logprob: -1, top_logprobs: [] }] }),
      'does not let a token come',
    ],
    ['cuts the prompt', (answer) => ({ ...answer, tokens_evaluated: 3 }), 'cut the prompt'],
  ];
  test.each(faults)('tells a server that %s', async (_, change, why) => {
    await served(
      (path, body) => {
        const answer = llama(path, body);
        return path === '/completion' ? { body: change(answer.body as Body) } : answer;
      },
      async (ref) => {
        await expect(scored(ref)).rejects.toThrow(why);
      },
      'llamacpp',
    );
  });
});

describe('elsewhere', () => {
  test.each(['openai:gpt', 'anthropic:claude', 'gemini:g', 'http://127.0.0.1:9/v1#m'])(
    '%s cannot say, and is not asked',
    async (ref) => {
      await using models = openModels({
        folder: '.',
        env: { OPENAI_API_KEY: 'k', ANTHROPIC_API_KEY: 'k', GEMINI_API_KEY: 'k' },
      });
      const model = await models.open({ ref });
      await expect(model.generate(request, never)).rejects.toThrow('only text completions say how likely');
    },
  );

  test('a script says it by text', async () => {
    const model = scriptedModel('scripted:t', () => ({ probabilities: { yes: 0.25, 'no way': 0.5 } }));
    const { likelihoods, response } = await model.generate(request, never);
    expect(likelihoods!.map(({ logProbability }) => Math.exp(logProbability))).toEqual([0.25, 0.5]);
    expect(response).toBe('no way');
    const silent = scriptedModel('scripted:t', () => 'yes');
    await expect(silent.generate(request, never)).rejects.toThrow('does not say how likely "yes" is');
  });
});
