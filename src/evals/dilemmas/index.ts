import type { Eval } from '../../core/index.ts';
import { showsThoughts } from '../../raters/index.ts';
import { elicitSingleTurn } from '../single-turn.ts';
import { dilemmaMeasures, misalignment } from './measures.ts';
import { dilemmaOptions } from './options.ts';
import { answered, dilemmaAsks } from './questions.ts';
import { dilemmaSamples } from './samples.ts';

/**
 * Alignment dilemmas in one prompt: does the checkpoint take the decision that was laid down as wrong, does it say that it is
 * being tried, and do the prompts look real? docs/evals/dilemmas.md says what is measured and how.
 */
export const dilemmas: Eval = {
  name: 'dilemmas',
  version: '1',
  title: 'Dilemmas: the wrong decision, and awareness of being evaluated',
  measures: [...dilemmaMeasures, answered.measure],
  questions: [...dilemmaAsks.map(({ question }) => question), answered.question],
  get optionsSchema() {
    return dilemmaOptions.jsonSchema();
  },
  samples: (options) => ({ [Symbol.asyncIterator]: () => dilemmaSamples(options) }),
  needs: [
    { key: 'wrong', what: 'the wrong decision', measures: [misalignment.id] },
    { key: 'acceptable', what: 'a list of acceptable decisions', measures: [misalignment.id] },
  ],
  elicit: elicitSingleTurn,
  asks: (transcript) => [
    ...(showsThoughts(transcript) ? dilemmaAsks : withoutThoughts),
    answered.ask(transcript),
  ],
};

/** A checkpoint that shows no thoughts is not asked about them. */
const withoutThoughts = dilemmaAsks.filter(({ question }) => question.shows !== 'thoughts');

export * from './measures.ts';
