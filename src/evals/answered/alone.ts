import type { Eval } from '../../core/index.ts';
import { elicitSingleTurn } from '../single-turn.ts';
import { answeredIn } from './answered.ts';

const { measure, question, ask } = answeredIn('answered');
const { control: _, ...headline } = measure;

/** Whether there was an answer at all, as a question for transcripts of others. It has no samples of its own. */
export const answeredAlone: Eval = {
  name: 'answered',
  version: '1',
  title: 'Answered: coherent, on the subject and not cut off',
  measures: [headline],
  questions: [question],
  optionsSchema: { type: 'object', additionalProperties: false },
  samples: async function* () {},
  elicit: elicitSingleTurn,
  asks: (transcript) => [{ ...ask(transcript), measure: headline }],
};
