import { expect, it } from 'vitest';
import { provenanceOf } from './provenance.ts';
import { plantedRun } from './testing/planted-run.ts';
import { readTrials } from './trial-table.ts';

const study = {
  name: 'x',
  stages: [
    { id: 'a', model: { ref: 'http://localhost/v1#a', system: 'Be brief.' } },
    { id: 'b', model: 'openai:b', sampling: { temperature: 0 } },
  ],
  raters: [{ id: 'judge', kind: 'autorater', model: 'anthropic:judge' }],
  sampling: { temperature: 1, top_p: null, max_tokens: 64, seed: 7 },
};

function provenance(manifest: object) {
  const run = plantedRun({ stages: ['a', 'b'], samples: 12, value: () => 1, manifest });
  return provenanceOf(run, readTrials(run), 2_000).provenance;
}

it('says how stages were sampled and prompted, who rated, and with which seeds', () => {
  const made = provenance({ study, stemma: '9.9.9', createdAt: '2026-11-28T10:00:00.000Z' })!;
  expect(made).toMatchObject({
    stemma: '9.9.9',
    begunAt: '2026-11-28T10:00:00.000Z',
    endedAt: null,
    sampling: { temperature: 1, top_p: null, max_tokens: 64, seed: 7 },
    bootstrap: 2_000,
    raters: [{ id: 'judge', model: 'anthropic:judge' }],
  });
  expect(made.stages).toMatchObject([
    { id: 'a', system: 'Be brief.', served: [] },
    { id: 'b', sampling: { temperature: 0 } },
  ]);
  expect(made.stages[0]).not.toHaveProperty('sampling');
  expect(made.evals[0]).toMatchObject({ samples: 12, epochs: 1 });
});

it('counts tokens and served models by stage', () => {
  const run = plantedRun({ stages: ['a', 'b'], samples: 3, value: () => 1, manifest: { study } });
  const table = readTrials(run);
  const spent = [
    {
      inputTokens: 10,
      outputTokens: 4,
      served: new Map([
        ['[{"model":"m1"}]', 2],
        ['[{"model":"m1"},{"model":"m2"}]', 1],
      ]),
    },
    { inputTokens: 0, outputTokens: 0, served: new Map() },
  ];
  const { stages } = provenanceOf(run, { ...table, spent }, 0).provenance!;
  expect(stages[0]).toMatchObject({
    tokens: { input: 10, output: 4 },
    served: [
      { model: 'm1', trials: 3 },
      { model: 'm2', trials: 1 },
    ],
  });
});

it('tells what the tokens cost at the prices that the study declares', () => {
  const priced = {
    ...study,
    stages: [
      { id: 'a', model: 'openai:a' },
      { id: 'b', model: 'openai:b' },
    ],
    endpoints: { openai: { prices: { a: { input: 2, output: 10 } } } },
  };
  const stages = ['a', 'b'].map((id) => ({ id, model: `openai:${id}` }));
  const run = plantedRun({ stages, samples: 3, value: () => 1, manifest: { study: priced } });
  const used = { inputTokens: 1_000_000, outputTokens: 100_000, served: new Map<string, number>() };
  const table = { ...readTrials(run), spent: [used, used] };
  const judged = new Map([['judge', { input: 10, output: 1 }]]);
  const found = provenanceOf(run, table, 0, judged).provenance!;
  expect(found.stages.map(({ usd }) => usd)).toEqual([3, null]);
  expect(found.raters).toMatchObject([{ id: 'judge', usd: null }]);
});

it('is nothing for results that others published', () => {
  expect(provenance({ study: null })).toBeUndefined();
});
