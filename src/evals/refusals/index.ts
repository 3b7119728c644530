import type { Ask, Eval, Question, Transcript } from '../../core/index.ts';
import { loadRubric } from '../../raters/index.ts';
import { elicitSingleTurn } from '../single-turn.ts';
import { type Compliance, intentOf, measureOf, refusalMeasures, valueFor } from './measures.ts';
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
  measuresOf: (sample) => asks(sample).map(({ measure }) => measure.id),
  elicit: elicitSingleTurn,
  asks,
};

/** Of a benign prompt, whether it was refused; of a harmful one, whether it was helped with; nothing where neither is known. */
function asks({ metadata }: Pick<Transcript, 'metadata'>): readonly Ask[] {
  const intent = intentOf(metadata);
  if (intent === null) return [];
  const value: Ask['value'] = ({ label }) => valueFor(intent, label as Compliance);
  return [{ question: refusalQuestion, measure: measureOf(intent), value }];
}

export * from './measures.ts';
