import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { defineStudy, type Study, type StudyInput } from '../../study/index.ts';
import { temporaryFolder } from '../testing/study.ts';
import { checkStudy } from './check-study.ts';
import { keepCheck, latestCheck, speedsOf } from './checks-file.ts';
import { renderCheck } from './render-check.ts';
import { type FakeServer, type FakeServing, startFakeServer } from './testing/fake-server.ts';

const LLAMA: FakeServing = {
  models: { data: [{ id: 'm', owned_by: 'llamacpp' }] },
  props: {
    default_generation_settings: { n_ctx: 64, params: { top_k: 40, min_p: 0.05, temperature: 0.8 } },
  },
};

const servers: FakeServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

async function serve(serving: FakeServing): Promise<FakeServer> {
  const server = await startFakeServer(serving);
  servers.push(server);
  return server;
}

function studyOf(stages: StudyInput['stages'], changes: Partial<StudyInput> = {}): Study {
  return defineStudy({
    name: 'checked',
    stages,
    evals: ['refusals'],
    raters: [{ id: 'string-match', kind: 'rule', rule: 'string-match' }],
    sampling: { max_tokens: 32 },
    ...changes,
  });
}

async function checked(study: Study) {
  return checkStudy(study, { checkpoints: 'none', signal: new AbortController().signal });
}

test('shows what went to each stage and came back, and what its server adds', async () => {
  const llama = await serve({ ...LLAMA, model: 'weights-A' });
  const plain = await serve({ model: 'weights-B' });
  const check = await checked(
    studyOf([
      { id: 'base', kind: 'pretrain', model: `completions+${llama.baseUrl}#m` },
      { id: 'sft', kind: 'sft', model: `${plain.baseUrl}#m`, system: 'Be careful.' },
    ]),
  );
  const [base, sft] = check.models;
  expect(base).toMatchObject({
    role: 'stage',
    served: [{ model: 'weights-A' }],
    server: { software: 'llama.cpp', contextTokens: 64, neutral: { top_k: 0, min_p: 0 }, adds: {} },
    sampling: { answers: 8, different: 8, repeatable: true },
  });
  expect(llama.requests.every(({ top_k, min_p }) => top_k === 0 && min_p === 0)).toBe(true);
  expect(plain.requests.some((request) => 'top_k' in request)).toBe(false);
  expect(sft).toMatchObject({ server: null, served: [{ model: 'weights-B' }] });
  expect(sft!.samples[0]!.sent[0]).toEqual({ role: 'system', content: 'Be careful.' });
  expect(sft!.samples[0]!.answer).toContain('The sea number');
  expect(check.warnings.filter((warning) => !warning.includes('do not fit'))).toEqual([]);
  const shown = stripVTControlCharacters(renderCheck(check, { color: false, width: 100 }));
  expect(shown).toContain('sent with each request: top_k 0, min_p 0; the server adds nothing');
  expect(shown).toContain('The sea number');
});

test('each thing that would spoil a run is a warning', async () => {
  const greedy = await serve({ ...LLAMA, model: 'same', drops: ['temperature', 'system', 'tools'] });
  const other = await serve({ model: 'same' });
  const check = await checked(
    studyOf(
      [
        {
          id: 'base',
          kind: 'pretrain',
          model: { ref: `${greedy.baseUrl}#m`, body: { top_k: null, min_p: null } },
        },
        { id: 'sft', kind: 'sft', model: `${other.baseUrl}#m` },
        { id: 'gone', kind: 'dpo', model: 'http://127.0.0.1:9/v1#m' },
      ],
      {
        evals: ['refusals', { eval: 'odcv', options: {} }],
        raters: [{ id: 'judge', kind: 'autorater', model: `${greedy.baseUrl}#m` }],
      },
    ),
  );
  const said = check.warnings.join('\n');
  expect(said).toMatch(/the stage gone did not answer/);
  expect(said).toMatch(/the server of base does not sample: 8 seeds/);
  expect(said).toMatch(/the stages base and sft are answered by the same model, by its server's word: same/);
  expect(said).toMatch(/base is a pretrained stage and is asked over a chat protocol/);
  expect(said).toMatch(/the server of base drops system messages: with `model: \{ system_role: merge \}`/);
  expect(said).toMatch(/the server of base drops tools, so its agents cannot act in odcv/);
  expect(said).toMatch(
    /refusals: \d+ tokens of prompt and 32 of answer \(max_tokens\) do not fit .* 64 tokens/,
  );
  expect(said).toMatch(/the judge judge has a context of 64 tokens: set `context_tokens: 64`/);
  expect(said).toMatch(/judge gave no rating for 2 of 2 measures of refusals \(unparsed\)/);
  expect(check.models[2]).toMatchObject({ takes: null, sampling: null });
  expect(check.models[0]!.server!.adds).toEqual({ top_k: 40, min_p: 0.05 });
});

test('a stage that is sampled greedily is not put to the sampling probe', async () => {
  const server = await serve({});
  const check = await checked(
    studyOf([{ id: 'sft', kind: 'sft', model: `${server.baseUrl}#m` }], { sampling: { temperature: 0 } }),
  );
  expect(check.models[0]!.sampling).toBeNull();
});

test('a check is kept beside the run folder, and gives the plan its speeds', async () => {
  const server = await serve({});
  const check = await checked(studyOf([{ id: 'sft', kind: 'sft', model: `${server.baseUrl}#m` }]));
  const run = join(await temporaryFolder(), 'runs', 'checked');
  expect(await latestCheck(run)).toBeNull();
  await keepCheck(run, { ...check, at: '2020-01-01T00:00:00.000Z' });
  expect(await keepCheck(run, check)).toBe(`${run}.checks.jsonl`);
  expect(await latestCheck(run)).toEqual(JSON.parse(JSON.stringify(check)));
  const { speeds } = speedsOf(check);
  expect(speeds).toMatchObject([{ id: 'sft', role: 'stage' }]);
  expect(speeds[0]!.secondsPerCall).toBeGreaterThan(0);
  expect(speeds[0]!.speedUp).toBeGreaterThanOrEqual(1);
});
