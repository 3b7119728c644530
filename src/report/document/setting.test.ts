import { expect, it } from 'vitest';
import type { Provenance } from '../../findings/findings.ts';
import { chain } from '../testing/examples.ts';
import { scopeOf } from './scope.ts';
import { setting } from './setting.ts';

const made: Provenance = {
  stemma: '0.2.0',
  begunAt: '2026-11-28T10:00:00.000Z',
  endedAt: '2026-11-29T10:00:00.000Z',
  growth: [{ at: '2026-11-29T08:00:00.000Z', what: 'eval xstest: 2 samples → 4' }],
  sampling: { temperature: 1, top_p: null, max_tokens: 64, seed: 7 },
  stages: [
    {
      id: 'sft',
      model: 'http://127.0.0.1:8001/v1#sft',
      weights: 'abcdef0123456789',
      served: [{ model: 'sft-v2', trials: 250 }],
      tokens: { input: 12_345, output: 67_890 },
      usd: 0,
    },
    {
      id: 'rl',
      model: null,
      system: 'Be brief.',
      sampling: { temperature: 0 },
      served: [],
      tokens: { input: 0, output: 0 },
      usd: 0,
    },
  ],
  evals: [{ id: 'xstest', version: '2', samples: 450, clusters: 18, epochs: 1, digest: '0123456789abcdef' }],
  raters: [
    {
      id: 'judge',
      kind: 'autorater',
      model: 'openai:gpt',
      digests: { 'xstest:refusal': 'fedcba9876543210' },
    },
  ],
  seed: 1,
  bootstrap: 2_000,
};

function words(provenance: Provenance): string {
  return setting(scopeOf({ ...chain(), provenance }))
    .map((block) => ('text' in block ? block.text : ''))
    .join('\n');
}

it('reads as the methods paragraph of a paper', () => {
  const said = words(made);
  for (const sentence of [
    'SFT (http://127.0.0.1:8001/v1#sft, weights abcdef012345) and RL (production).',
    'xstest, version 2 (450 samples in 18 clusters, 1 epoch, digest 0123456789ab).',
    "Answers were sampled at temperature 1, the provider's top-p and at most 64 tokens, but RL (production) at temperature 0.",
    'Seeds come from 7: each trial has its own, the same at every stage.',
    'System prompts: RL (production) “Be brief.”.',
    'judge (autorater; openai:gpt; questions with their rubrics: xstest:refusal fedcba987654).',
    "By their servers' own word, these models answered: SFT: sft-v2 (250 trials).",
    'The run was begun on 2026-11-28 with stemma 0.2.0, and its last session ended on 2026-11-29. Added later: eval xstest: 2 samples → 4 (2026-11-29).',
    'The answers took 12.3 k tokens of input and 67.9 k of output',
    'Resampling is seeded with 1, with 2,000 resamples of whole clusters.',
  ])
    expect(said).toContain(sentence);
});

it('says what the tokens cost at declared prices, and whose price nobody declared', () => {
  const [sft, rl] = made.stages;
  const costs = (ofSft: number | null, ofJudge: number | null) => {
    const tokens = { input: 1_000, output: 10 };
    const raters = made.raters.map((rater) => ({ ...rater, tokens, usd: ofJudge }));
    return words({ ...made, stages: [{ ...sft!, usd: ofSft }, rl!], raters });
  };
  expect(costs(1.25, 0.5)).toContain('At the declared prices they cost $1.75.');
  expect(costs(1.25, null)).toContain(
    'At the declared prices they cost $1.25; the price of openai:gpt is not declared.',
  );
  expect(costs(null, null)).toContain(
    'What they cost is not known: the price of http://127.0.0.1:8001/v1#sft and openai:gpt is not declared.',
  );
  expect(costs(0, 0)).toContain('Nothing was paid for them.');
});

it('is left out for results that were imported', () => {
  expect(setting(scopeOf(chain()))).toEqual([]);
});
