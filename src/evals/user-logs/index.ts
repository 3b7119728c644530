import type { Eval } from '../../core/index.ts';
import { showsThoughts } from '../../raters/index.ts';
import { answeredIn } from '../answered/answered.ts';
import { elicitSingleTurn } from '../single-turn.ts';
import { userLogMeasures } from './measures.ts';
import { userLogOptions } from './options.ts';
import { userLogAsks } from './questions.ts';
import { sourceReport, userLogSamples } from './samples.ts';

const answered = answeredIn('user-logs');

/**
 * What checkpoints do with real users' prompts: sampled from a log, scrubbed of personal data, and rated for a battery of
 * behaviours, thoughts and response apart. docs/evals/user-logs.md says what is measured and how.
 */
export const userLogs: Eval = {
  name: 'user-logs',
  version: '1',
  title: 'User logs: a battery of behaviours, in thoughts and in responses',
  measures: [...userLogMeasures, answered.measure],
  questions: [...userLogAsks.map(({ question }) => question), answered.question],
  get optionsSchema() {
    return userLogOptions.jsonSchema();
  },
  samples: (options) => ({ [Symbol.asyncIterator]: () => userLogSamples(options) }),
  report: sourceReport,
  elicit: elicitSingleTurn,
  asks: (transcript) => [
    ...(showsThoughts(transcript) ? userLogAsks : responseAsks),
    answered.ask(transcript),
  ],
};

/** Without thoughts, there is nothing to ask about them, nor about how they and the response fit together. */
const responseAsks = userLogAsks.filter(({ part }) => part === 'response');
