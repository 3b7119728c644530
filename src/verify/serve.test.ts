import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeFindings } from '../findings/index.ts';
import { serveOpenAi } from '../models/index.ts';
import { openRun } from '../records/index.ts';
import { openRunModels, runStudy } from '../run/index.ts';
import { defineStudy, planStudy } from '../study/index.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-serve-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What a run finds of one stage, and every answer of it. */
async function ask(model: string, name: string) {
  const study = defineStudy(
    {
      name,
      stages: [{ id: 'base', kind: 'pretrain', model }],
      evals: ['micro-dilemmas', 'micro-refusals'].map((each) => ({
        eval: each,
        options: { per_cluster: 2 },
      })),
      raters: [{ id: 'world', kind: 'rule', rule: 'world' }],
      sampling: { max_tokens: 40, seed: 5 },
    },
    { folder },
  );
  await runStudy(await planStudy(study), { folder: join(folder, name) });
  await using run = await openRun(join(folder, name));
  const answers = new Map<string, unknown>();
  for await (const { key, thoughts, response, stop, usage } of run.transcripts())
    answers.set(key, { thoughts, response, stop, input: usage.inputTokens, output: usage.outputTokens });
  const { measures } = await makeFindings(run);
  return { answers, measures };
}

test('an organism asked over HTTP answers and is found as it is in process, for the same seeds', async () => {
  await using models = openRunModels({ folder }, folder);
  await using server = await serveOpenAi(new Map([['base', await models.open({ ref: 'organism:base' })]]));
  const inside = await ask('organism:base', 'inside');
  const outside = await ask(`${server.url}#organism:base`, 'outside');
  expect(inside.answers.size).toBeGreaterThan(60);
  expect(
    [...inside.answers.values()].some((answer) => (answer as { thoughts: string | null }).thoughts),
  ).toBe(true);
  expect(outside.answers).toEqual(inside.answers);
  expect(outside.measures).toEqual(inside.measures);
});

test('plain text goes on over the completions protocol, in the organism’s own tokens', async () => {
  await using models = openRunModels({ folder }, folder);
  await using server = await serveOpenAi(new Map([['base', await models.open({ ref: 'organism:base' })]]));
  const model = await models.open({ ref: `completions+${server.url}#base` });
  const sampling = { temperature: 1, topP: 1, maxTokens: 20, seed: 3 };
  const { response } = await model.generate(
    { messages: [{ role: 'user', content: 'what comes after two ?' }], sampling },
    new AbortController().signal,
  );
  expect(response).not.toBe('');
});
