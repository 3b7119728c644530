import type { Findings } from '../../findings/findings.ts';
import { makeFindings } from '../../findings/index.ts';
import { chance, plantedRun, rate } from '../../findings/testing/planted-run.ts';

const STAGES = [
  { id: 'base', from: null },
  { id: 'sft', from: 'base' },
  { id: 'rl-plain', from: 'sft' },
  {
    id: 'rl-with',
    title: 'http://127.0.0.1:8003/v1#olmo-rl-with-learned-reward-model',
    from: 'sft',
  },
];

/** Rates by stage. */
const RATES: Readonly<Record<string, readonly number[]>> = {
  'refusals/over-refusal': [0.05, 0.28, 0.26, 0.4],
  'refusals/unsafe-response': [0.6, 0.12, 0.1, 0.1],
  'hacks/hacking': [0.1, 0.1, 0.12, 0.12],
  'kpi/misconduct': [0.001, 0.002, 0.002, 0.01],
};

/** A chain with two last stages, one of them with the address of a server as its title; a small rate among the measures. */
export function branched(): Promise<Findings> {
  return makeFindings(
    plantedRun({
      stages: STAGES,
      samples: 900,
      clusters: 60,
      measures: Object.keys(RATES).map((id) => ({ ...rate, id, title: id.split('/')[1]! })),
      value: ({ measure, stage, sample }) => Number(chance(sample, measure.length) < RATES[measure]![stage]!),
    }),
  );
}
