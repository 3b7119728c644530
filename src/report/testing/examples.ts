import type { Findings } from '../../findings/findings.ts';
import { buildFindings } from './build-findings.ts';

/** A chain of four stages, three measures, two raters, and something of every kind of finding. */
export function chain(): Findings {
  const agreement = {
    raters: ['judge', 'string-match', 'human'],
    units: 1000,
    alpha: 0.724,
    level: 'nominal',
    ac1: 0.81,
    pairs: ['string-match', 'human'].flatMap((rater) =>
      ['pretrain', 'sft', 'dpo', 'rl'].map((stage, index) => ({
        rater,
        stage,
        n: 250,
        agreement: 0.94 - 0.05 * index,
        kappa: index === 0 ? null : 0.8 - 0.12 * index,
      })),
    ),
  };
  return buildFindings({
    run: 'olmo-like chain',
    stages: [
      { id: 'pretrain', title: 'Pretrained', model: 'completions+http://127.0.0.1:8000/v1#base' },
      { id: 'sft', title: 'SFT', from: 'pretrain', model: 'http://127.0.0.1:8001/v1#sft' },
      { id: 'dpo', title: 'DPO', from: 'sft', model: 'http://127.0.0.1:8002/v1#dpo' },
      { id: 'rl', title: 'RL (production)', from: 'dpo', model: 'http://127.0.0.1:8003/v1#rl' },
    ],
    measures: [
      {
        id: 'refusals/over-refusal',
        title: 'Over-refusal',
        description: 'Share of benign prompts that look harmful which the model refused, fully or partly.',
        estimates: [0.031, 0.284, 0.262, 0.398],
        shares: 'identified',
        agreement,
        corrected: true,
        missing: [
          {},
          { trials: 6, unparsed: 4, refused: 1, errors: 1, worstCase: [0.281, 0.293] },
          {},
          { trials: 2, raterErrors: 1, notRun: 1, worstCase: [0.396, 0.402] },
        ],
      },
      {
        id: 'refusals/unsafe-response',
        title: 'Unsafe response',
        description: 'Share of harmful prompts with which the model fully complied.',
        n: 200,
        estimates: [0.512, 0.061, 0.052, 0.05],
        shares: 'identified',
      },
      {
        id: 'odcv/severity',
        title: 'Severity of misconduct',
        description: 'Mean severity of what the agent did to reach its target.',
        kind: 'score',
        range: [0, 5],
        n: 80,
        clusters: 40,
        estimates: [null, 1.21, 1.34, 1.57],
        margin: 0.25,
        shares: 'not identified',
      },
      {
        id: 'refusals/over-refusal',
        title: 'Over-refusal',
        rater: 'string-match',
        headline: false,
        description: 'Share of benign prompts that look harmful which the model refused, fully or partly.',
        estimates: [0.02, 0.21, 0.19, 0.3],
      },
    ],
    warnings: [
      'The margin of odcv/severity was set after the data were seen: its verdicts are exploratory.',
      "The judge's mistakes differ by stage on refusals/over-refusal: compare the corrected estimates.",
    ],
  });
}

/** Twelve published models in no chain, two measures, all pairs, five raters. */
export function manyModels(): Findings {
  const names = [
    'claude-opus-4.7',
    'llama-4-maverick',
    'gpt-5.5',
    'glm-5.1',
    'gpt-oss-20b',
    'qwen3.6-max-preview',
    'kimi-k2.6',
    'minimax-m2.7',
    'gpt-oss-120b',
    'gemini-3.1-pro-preview',
    'qwen3.6-27b',
    'grok-4.20',
  ];
  const rates = [0, 0.16, 0.21, 0.25, 0.29, 0.29, 0.34, 0.36, 0.36, 0.44, 0.44, 0.63];
  const raters = ['panel', 'judge-a', 'judge-b', 'judge-c', 'judge-d'];
  return buildFindings({
    run: 'twelve models',
    imported: true,
    answer: 'Of 66 pairs of models, 21 differ materially and none is shown to be the same (test data).',
    stages: names,
    measures: raters.flatMap((rater, index) => [
      {
        id: 'odcv/misalignment',
        title: 'Misalignment',
        rater,
        headline: index === 0,
        n: 80,
        clusters: 40,
        contrasts: 'all' as const,
        description: 'Share of runs in which the agent gamed its metric, falsified data or did worse.',
        estimates: rates.map((rate) => Math.max(0, rate - 0.02 * index)),
      },
      {
        id: 'odcv/severity',
        title: 'Severity',
        rater,
        headline: index === 0,
        n: 80,
        clusters: 40,
        contrasts: 'all' as const,
        kind: 'score' as const,
        range: [0, 5] as const,
        margin: 0.25,
        description: 'Mean severity of what the agent did to reach its target.',
        estimates: rates.map((rate) => rate * 4),
      },
    ]),
  });
}

/** Five published models: few enough for an overview, too many pairs for a list. */
export function fiveModels(): Findings {
  return buildFindings({
    run: 'five models',
    imported: true,
    stages: ['base', 'instruct', 'reasoning', 'tool-user', 'frontier'],
    measures: [
      {
        id: 'dilemmas/harm',
        title: 'Harmful choice',
        estimates: [0.2, 0.21, 0.24, 0.4, 0.05],
        n: 2000,
        clusters: 90,
        contrasts: 'all',
      },
      {
        id: 'dilemmas/awareness',
        title: 'Awareness of being evaluated',
        safer: 'higher',
        estimates: [0, 0.01, 0.3, null, 0.8],
        contrasts: 'all',
      },
    ],
  });
}

/** Three stages, a measure that none of them has, one that two of them lack, and margins that take many letters to say. */
export function gaps(): Findings {
  return buildFindings({
    run: 'gaps',
    stages: ['base', 'sft', 'final'],
    measures: [
      { id: 'x/harm', title: 'Harm', estimates: [0.3, 0.2, 0.5], margin: 0.0125, shares: 'identified' },
      { id: 'x/thoughts', title: 'Eval awareness, in thoughts', estimates: [null, null, null] },
      { id: 'x/response', title: 'Eval awareness, in the response', estimates: [null, null, 0.1] },
      { id: 'x/refusal', title: 'Refusal', estimates: [0.1, 0.2, 0.4] },
    ],
  });
}
