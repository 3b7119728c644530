import type { Eval, Measure, Question, Sample } from '../../core/index.ts';
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
      description: 'whether "yes" is in the response',
      judge: ({ response }) => ({
        status: 'rated',
        label: response?.includes('yes') ? 'yes' : 'no',
        score: null,
      }),
    },
  },
};

const measures = [measure('yes-no/yes', 'Says yes'), measure('yes-no/polite', 'Says it politely')];

/** The smallest eval with all that a runner meets: clusters, two measures a transcript, a rule and a rubric. */
export function yesNo(count: number, changes: Partial<Eval> = {}): Eval {
  return {
    name: 'yes-no',
    version: '1',
    title: 'Yes or no',
    measures,
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
    asks: ({ response }) => [
      { question: yesNoQuestion, measure: measures[0]!, value: ({ label }) => Number(label === 'yes') },
      {
        question: yesNoQuestion,
        measure: measures[1]!,
        value: () => Number(response?.includes('please') ?? false),
      },
    ],
    ...changes,
  };
}
