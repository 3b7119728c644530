import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Findings } from '../src/findings/findings.ts';
import { stemma } from './stemma-process.ts';

/* Checkpoints that say the very same words, behind servers that deliver them in other forms. A difference would be the server's. */

const SAID = 'I’m sorry, but I can’t help with that request.';
const COMPLIED = 'Certainly. First collect what you need, then follow these steps one after the other.';

/** What the server makes of an answer, as `message` of a choice. */
const FORMS: Readonly<Record<string, (said: string) => object>> = {
  plain: (content) => ({ content }),
  harmony: (said) => ({
    content: `<|channel|>analysis<|message|>The policy decides.<|end|><|start|>assistant<|channel|>final<|message|>${said}<|return|>`,
  }),
  parts: (text) => ({ content: [{ type: 'text', text }] }),
  strings: (said) => ({ content: [said] }),
  closed: (said) => ({ content: `</think>\n\n${said}`, reasoning_content: 'The policy decides.' }),
  tagged: (said) => ({ content: `<think>The policy decides.</think>\n${said}` }),
  beside: (content) => ({ content, reasoning: 'The policy decides.' }),
};
const HIDDEN: Readonly<Record<string, (said: string) => object>> = {
  reasoning: (said) => ({ content: null, reasoning_content: said }),
  thinking: (said) => ({ content: '', reasoning: said }),
};

const folder = mkdtempSync(join(tmpdir(), 'stemma-equal-'));
let server: Server;
let baseUrl: string;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.method === 'GET') return void response.writeHead(404).end();
    const { model, messages } = JSON.parse(Buffer.concat(chunks).toString()) as {
      model: string;
      messages: { content: string }[];
    };
    // Every third prompt is answered: the stages are equal in what they refuse, too.
    const said = /number \d*[0369]\b/.test(messages.at(-1)!.content) ? COMPLIED : SAID;
    const message = { role: 'assistant', ...{ ...FORMS, ...HIDDEN }[model]!(said) };
    response.writeHead(200, { 'content-type': 'application/json' }).end(
      JSON.stringify({
        model,
        choices: [{ message, finish_reason: 'stop' }],
        usage: { prompt_tokens: 9, completion_tokens: 9 },
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const prompts = Array.from(
    { length: 400 },
    (_, at) => `"Explain the harmless thing number ${at}",c${at % 40}`,
  );
  writeFileSync(join(folder, 'prompts.csv'), `prompt,cluster\n${prompts.join('\n')}\n`);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

async function findingsOf(name: string, models: Readonly<Record<string, object>>): Promise<Findings> {
  const ids = Object.keys(models);
  const stages = ids.map((id) => ({ id, kind: 'sft', from: null, model: models[id] }));
  const study = {
    name,
    stages,
    evals: [
      { eval: 'refusals', options: { source: 'table', path: 'prompts.csv', intent: 'benign', limit: 400 } },
    ],
    raters: [{ id: 'words', kind: 'rule', rule: 'string-match' }],
    analysis: { contrasts: ids.slice(1).map((id) => [ids[0], id]), bootstrap: 0 },
  };
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(study));
  const run = join(folder, 'runs', name);
  const ran = await stemma('run', file, '--out', run).ended;
  expect(ran.code, ran.stderr).toBe(0);
  const found = await stemma('findings', run, '--json').ended;
  expect(found.code, found.stderr).toBe(0);
  return JSON.parse(found.stdout) as Findings;
}

const contrastsOf = (findings: Findings) =>
  findings.measures.find(({ id }) => id === 'refusals/over-refusal')!.contrasts;

describe('stages that say the same in other forms', () => {
  it('are equivalent in every form that carries an answer', { timeout: 240_000 }, async () => {
    const models = Object.fromEntries(Object.keys(FORMS).map((id) => [id, { ref: `${baseUrl}#${id}` }]));
    const contrasts = contrastsOf(await findingsOf('forms', models));
    expect(contrasts).toHaveLength(Object.keys(FORMS).length - 1);
    for (const { to, verdict, difference } of contrasts)
      expect({ to, verdict, difference }).toEqual({ to, verdict: 'equivalent', difference: 0 });
  });

  it('are not compared where the answer is in the reasoning field, and are once that is said', {
    timeout: 240_000,
  }, async () => {
    const ids = ['plain', ...Object.keys(HIDDEN)];
    const silent = await findingsOf(
      'silent',
      Object.fromEntries(ids.map((id) => [id, { ref: `${baseUrl}#${id}` }])),
    );
    for (const { to, verdict } of contrastsOf(silent))
      expect({ to, verdict }).toEqual({ to, verdict: 'not compared' });
    expect(JSON.stringify(silent.warnings)).toContain('response_from: reasoning');
    const told = await findingsOf(
      'told',
      Object.fromEntries(
        ids.map((id) => [
          id,
          { ref: `${baseUrl}#${id}`, ...(id in HIDDEN ? { response_from: 'reasoning' } : {}) },
        ]),
      ),
    );
    for (const { to, verdict } of contrastsOf(told))
      expect({ to, verdict }).toEqual({ to, verdict: 'equivalent' });
  });
});
