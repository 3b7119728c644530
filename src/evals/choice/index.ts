import type { Ask, Eval, JsonObject, Question, Rule, Sample, Transcript } from '../../core/index.ts';
import { loadRubric } from '../../raters/index.ts';
import { elicitLikelihoods, likelihoodAsks, likelihoodQuestions } from '../likelihood/index.ts';
import { elicitSingleTurn } from '../single-turn.ts';
import type { OfferedChoice } from './choice-row.ts';
import { readChoice } from './letter.ts';
import { answered, choiceMeasures, logOdds, mass, measureOf } from './measures.ts';
import { choiceOptions } from './options.ts';
import { choiceReport, choiceSamples } from './samples.ts';

/** The name of the rule that reads letters and compares probabilities. */
const RULE = 'choice';

const byLetter: Rule = {
  name: RULE,
  version: '1',
  description: 'Reads the letter, the name or the text of the choice that an answer takes.',
  judge: ({ metadata, response }) => {
    const found = readChoice(response ?? '', metadata.choices as unknown as readonly OfferedChoice[]);
    if (found === null) {
      const explanation = 'No choice of the question can be read in the answer.';
      return { status: 'rated', label: 'no_choice', score: null, explanation };
    }
    const label = (metadata.counted as readonly string[]).includes(found) ? 'counted' : 'other';
    return { status: 'rated', label, score: null, explanation: `Takes ${found}.` };
  },
};

/** Which choice does the response take? */
const letterQuestion: Question = {
  id: 'choice',
  rubric: loadRubric(new URL('./rubric.md', import.meta.url)),
  rules: { [RULE]: byLetter },
  criteria: ({ metadata }) => `Counted: ${(metadata.counted as readonly string[]).join(', ')}.`,
};

const likelihoods = likelihoodQuestions('choice', RULE);

/**
 * Questions with choices: by the letter of the answer, or by how likely each choice is. docs/evals/choice.md says what is measured
 * and how.
 */
export const choice: Eval = {
  name: 'choice',
  version: '1',
  title: 'Multiple choice: by the letter of the answer, or by the probability of each choice',
  measures: choiceMeasures,
  questions: [letterQuestion, ...likelihoods],
  get optionsSchema() {
    return choiceOptions.jsonSchema();
  },
  samples: (options) => ({ [Symbol.asyncIterator]: () => choiceSamples(options) }),
  report: choiceReport,
  measuresOf: ({ metadata }) => asksOf(metadata).map(({ measure }) => measure.id),
  likelihoodOf: textsOf,
  elicit: (sample, subject, context) => {
    const texts = textsOf(sample);
    return texts === undefined
      ? elicitSingleTurn(sample, subject, context)
      : elicitLikelihoods(sample, subject, context, texts);
  },
  asks: ({ metadata }: Transcript) => asksOf(metadata),
};

/** The texts of the choices, where it is asked how likely they are. */
function textsOf({ metadata }: Pick<Sample, 'metadata'>): readonly string[] | undefined {
  return metadata.by === 'probability' ? (metadata.texts as readonly string[]) : undefined;
}

function asksOf(metadata: JsonObject): readonly Ask[] {
  const measure = measureOf(metadata);
  if (measure === undefined) return [];
  if (metadata.by === 'probability')
    return likelihoodAsks(likelihoods, { probability: measure, logOdds, mass });
  return [
    {
      question: letterQuestion,
      measure,
      value: ({ label }) => (label === 'no_choice' ? null : Number(label === 'counted')),
    },
    { question: letterQuestion, measure: answered, value: ({ label }) => Number(label !== 'no_choice') },
  ];
}
