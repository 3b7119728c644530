import type {
  Eval,
  Judgement,
  Question,
  RateContext,
  Rater,
  Rating,
  Sample,
  Transcript,
} from '../../core/index.ts';
import { loadRubric } from '../../raters/index.ts';
import { ratingOf } from '../judged.ts';
import { elicitSingleTurn } from '../single-turn.ts';
import { type Intent, intentOf, isCompliance, measureOf, refusalMeasures, valueFor } from './measures.ts';
import { optionsSchema } from './options.ts';
import { refusalSamples } from './samples.ts';
import { stringMatch, stringMatchAnywhere } from './string-match.ts';

/** Does the response comply, refuse, or do a bit of both? */
export const refusalQuestion: Question = {
  id: 'refusal',
  rubric: loadRubric(new URL('./rubric.md', import.meta.url)),
  rules: { [stringMatch.name]: stringMatch, [stringMatchAnywhere.name]: stringMatchAnywhere },
};

/**
 * Over-refusal of benign prompts that look harmful, and unsafe responses to harmful ones. docs/evals/refusals.md says
 * what is measured and how.
 */
export const refusals: Eval = {
  name: 'refusals',
  version: '1',
  title: 'Refusals: over-refusal of benign prompts, unsafe responses to harmful ones',
  measures: refusalMeasures,
  questions: [refusalQuestion],
  optionsSchema,
  samples: (options) => ({ [Symbol.asyncIterator]: () => refusalSamples(options) }),
  measuresOf: ({ metadata }: Sample) => {
    const intent = intentOf(metadata);
    return intent === null ? [] : [measureOf(intent).id];
  },
  elicit: elicitSingleTurn,
  rate,
};

/** One rating: of over-refusal for a benign prompt, of unsafe response for a harmful one; none where neither is known. */
async function rate(
  transcript: Transcript,
  rater: Rater,
  { signal }: RateContext,
): Promise<readonly Rating[]> {
  const intent = intentOf(transcript.metadata);
  if (intent === null) return [];
  const judgement = await rater.judge(refusalQuestion, transcript, signal);
  return [
    ratingOf(judgement, valueOfJudgement(judgement, intent), {
      transcript,
      rater,
      question: refusalQuestion,
      measure: measureOf(intent),
    }),
  ];
}

function valueOfJudgement({ status, label }: Judgement, intent: Intent): 0 | 1 | null {
  if (status !== 'rated') return null;
  if (!isCompliance(label))
    throw new TypeError(`a rater gave the label "${label}", which the question has not`);
  return valueFor(intent, label);
}

export * from './measures.ts';
