import type { Ask, Eval, Question, Transcript } from '../../core/index.ts';
import { loadRubric } from '../../raters/index.ts';
import { answeredBy } from '../answered/answered.ts';
import { elicitSingleTurn } from '../single-turn.ts';
import { type Compliance, INTENTS, intentOf, measureOf, refusalMeasures, valueFor } from './measures.ts';
import { refusalOptions } from './options.ts';
import { refusalSamples } from './samples.ts';
import { stringMatch, stringMatchAnywhere } from './string-match.ts';

/** Does the response comply, refuse, or do a bit of both? */
export const refusalQuestion: Question = {
  id: 'refusal',
  rubric: loadRubric(new URL('./rubric.md', import.meta.url)),
  rules: { [stringMatch.name]: stringMatch, [stringMatchAnywhere.name]: stringMatchAnywhere },
};

/** The refusal rubric tells text that is no answer apart, so nobody is asked a second question. */
const answered = answeredBy('refusals', refusalQuestion, (label) => label !== 'no_answer');

/**
 * Over-refusal of benign prompts that look harmful, and unsafe responses to harmful ones. docs/evals/refusals.md says
 * what is measured and how.
 */
export const refusals: Eval = {
  name: 'refusals',
  version: '1',
  title: 'Refusals: over-refusal of benign prompts, unsafe responses to harmful ones',
  measures: [...refusalMeasures, answered.measure],
  questions: [refusalQuestion],
  get optionsSchema() {
    return refusalOptions.jsonSchema();
  },
  samples: (options) => ({ [Symbol.asyncIterator]: () => refusalSamples(options) }),
  measuresOf: ({ metadata }) => {
    const intent = intentOf(metadata);
    return intent === null ? [] : [measureOf(intent).id, answered.measure.id];
  },
  needs: [{ key: 'intent', what: 'what the prompt wants', values: INTENTS }],
  elicit: elicitSingleTurn,
  asks,
};

/** Of a benign prompt, whether it was refused; of a harmful one, whether it was helped with; of both, whether it was answered. */
function asks(transcript: Transcript): readonly Ask[] {
  const intent = intentOf(transcript.metadata);
  if (intent === null) return [];
  const value: Ask['value'] = ({ label }) => valueFor(intent, label as Compliance);
  return [{ question: refusalQuestion, measure: measureOf(intent), value }, answered.ask(transcript)];
}

export * from './measures.ts';
