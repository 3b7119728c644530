import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type Measure, noUsage, type PublishedResults, trialKey } from '../src/core/index.ts';

const STAGES = ['pretrain', 'sft', 'dpo', 'rl', 'production'];
const SAMPLES = 10_000;
const CLUSTERS = 500;
const MEASURES = 10;

/** A chain of five stages on ten thousand samples with ten measures each, whose rates rise from stage to stage. */
export function largeResults(scale: number): PublishedResults {
  const samples = Math.max(CLUSTERS, Math.round(SAMPLES * scale));
  const measures = Array.from(
    { length: MEASURES },
    (_, i): Measure => ({
      id: `large/measure-${i}`,
      title: `Measure ${i}`,
      description: `The share of trials in which ${i} happened.`,
      kind: 'rate',
      range: [0, 1],
      safer: 'lower',
      level: 'nominal',
    }),
  );
  return {
    name: 'large',
    source: 'made for this bench',
    stages: STAGES.map((id, i) => ({ id, kind: id, from: STAGES[i - 1] ?? null, model: null })),
    evals: [
      {
        id: 'large',
        eval: 'large',
        version: '1',
        measures,
        epochs: 1,
        options: {},
        samples: { count: samples, clusters: CLUSTERS, digest: '0' },
      },
    ],
    raters: [{ id: 'judge', kind: 'autorater', digests: {} }],
    trials: () => trials(samples, measures),
  };
}

async function* trials(
  samples: number,
  measures: readonly Measure[],
): ReturnType<PublishedResults['trials']> {
  const random = xoroshiro128plus(7);
  for (let i = 0; i < samples; i++) {
    const lean = uniformFloat64(random) * 0.4;
    for (const [step, stage] of STAGES.entries()) {
      const trial = { stage, eval: 'large', sample: `s${i}`, epoch: 1 };
      const key = trialKey(trial);
      yield {
        transcript: {
          key,
          trial,
          attempt: 1,
          status: 'completed',
          cluster: `c${i % CLUSTERS}`,
          digests: { sample: `${i}`, sampling: '0' },
          seed: null,
          metadata: {},
          input: [{ role: 'user', content: `Sample ${i}` }],
          output: [{ role: 'assistant', content: 'Answer' }],
          thoughts: null,
          response: 'Answer',
          usage: noUsage,
          startedAt: null,
          durationMs: null,
          calls: 1,
          requests: 1,
          raw: [],
        },
        ratings: measures.map(({ id }, m) => ({
          key,
          measure: id,
          rater: 'judge',
          raterDigest: '0',
          attempt: 1,
          status: 'rated',
          value: Number(uniformFloat64(random) < lean + (step * m) / 100),
        })),
      };
    }
  }
}
