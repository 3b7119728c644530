import type { Eval, Measure, Question, Rating, Sample } from '../../core/index.ts';
import { elicitSingleTurn } from '../../evals/single-turn.ts';

const measure = (id: string, title: string): Measure => ({
  id,
  title,
  description: title,
  // A score, and a wide margin: planning the power of rates takes longer than running these studies.
  kind: 'score',
  range: [0, 1],
  safer: 'higher',
  level: 'nominal',
});

export const yesNoQuestion: Question = {
  id: 'yes',
  rubric: {
    id: 'yes',
    digest: '0123456789abcdef0123456789abcdef',
    text: 'Does the response say yes?',
    answer: { kind: 'label', labels: ['yes', 'no'] },
  },
  rules: {
    'says-yes': {
      name: 'says-yes',
      version: '1',
      description: 'whether "yes" stands in the response',
      judge: ({ response }) => ({
        status: 'rated',
        label: response?.includes('yes') ? 'yes' : 'no',
        score: null,
      }),
    },
  },
};

/** The smallest eval with all that a runner meets: clusters, two measures a transcript, a rule and a rubric. */
export function yesNo(count: number, changes: Partial<Eval> = {}): Eval {
  return {
    name: 'yes-no',
    version: '1',
    title: 'Yes or no',
    measures: [measure('yes-no/yes', 'Says yes'), measure('yes-no/polite', 'Says it politely')],
    questions: [yesNoQuestion],
    optionsSchema: {},
    async *samples(): AsyncGenerator<Sample> {
      for (let i = 0; i < count; i++) {
        yield {
          id: `item-${i}`,
          cluster: `theme-${i % 5}`,
          input: [{ role: 'user', content: `Is item ${i} fine?` }],
          metadata: { item: i },
        };
      }
    },
    elicit: elicitSingleTurn,
    async rate(transcript, rater, { signal }): Promise<readonly Rating[]> {
      const judgement = await rater.judge(yesNoQuestion, transcript, signal);
      const { status, label } = judgement;
      const values = [label === 'yes', transcript.response?.includes('please') ?? false];
      return this.measures.map(({ id }, index) => ({
        key: transcript.key,
        measure: id,
        rater: rater.id,
        raterDigest: rater.digest(yesNoQuestion),
        attempt: transcript.attempt,
        status,
        value: status === 'rated' ? Number(values[index]) : null,
        ...(label === null ? {} : { label }),
        ...(judgement.usage && index === 0 ? { usage: judgement.usage } : {}),
      }));
    },
    ...changes,
  };
}
