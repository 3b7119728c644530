import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type Measure, noUsage, type PublishedResults, trialKey } from '../src/core/index.ts';

const STAGES = ['pretrain', 'sft', 'dpo', 'rl', 'production'];
const SAMPLES = 10_000;
const CLUSTERS = 500;
const MEASURES = 10;

/** How large the results are; by default a chain of five stages on ten thousand samples with ten measures each. */
interface Size {
  readonly stages?: number;
  readonly samples?: number;
  readonly measures?: number;
  /** Characters of an answer. */
  readonly characters?: number;
}

/** A chain of stages whose rates rise from stage to stage. */
export function largeResults(
  scale: number,
  { stages = STAGES.length, samples: size = SAMPLES, measures: count = MEASURES, characters = 6 }: Size = {},
): PublishedResults {
  const samples = Math.max(CLUSTERS, Math.round(size * scale));
  const measures = Array.from(
    { length: count },
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
    stages: STAGES.slice(0, stages).map((id, i) => ({
      id,
      kind: id,
      from: STAGES[i - 1] ?? null,
      model: null,
    })),
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
    trials: () => trials(STAGES.slice(0, stages), samples, measures, characters),
  };
}

async function* trials(
  stages: readonly string[],
  samples: number,
  measures: readonly Measure[],
  characters: number,
): ReturnType<PublishedResults['trials']> {
  const random = xoroshiro128plus(7);
  for (let i = 0; i < samples; i++) {
    const lean = uniformFloat64(random) * 0.4;
    for (const [step, stage] of stages.entries()) {
      const answer = `Answer ${i} of ${stage}. ${'All words are the same here. '.repeat(characters / 29)}`;
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
          output: [{ role: 'assistant', content: answer }],
          thoughts: null,
          response: answer,
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
