import type { Eval, RateContext, Rater, Rating, Transcript } from '../../core/index.ts';
import { judgeQuestion, type Sittings, viewOf } from '../../raters/index.ts';
import { canAnswer, ratingOf } from '../judged.ts';
import { elicitSingleTurn } from '../single-turn.ts';
import { userLogMeasures } from './measures.ts';
import { optionsSchema } from './options.ts';
import { asked, rateOf } from './questions.ts';
import { sourceReport, userLogSamples } from './samples.ts';

/**
 * What checkpoints do with real users' prompts: sampled from a log, scrubbed of personal data, and rated for a battery of
 * behaviours, thoughts and response apart. docs/evals/user-logs.md says what is measured and how.
 */
export const userLogs: Eval = {
  name: 'user-logs',
  version: '1',
  title: 'User logs: a battery of behaviours, in thoughts and in responses',
  measures: userLogMeasures,
  questions: asked.map(({ question }) => question),
  optionsSchema,
  samples: (options) => ({
    async *[Symbol.asyncIterator]() {
      yield* userLogSamples(options);
    },
  }),
  report: sourceReport,
  elicit: elicitSingleTurn,
  rate,
};

/**
 * A rating of every behaviour that can be seen: those of thoughts only where there are any. Asked one by one or, of a rater
 * that is to judge together, a battery at a time.
 */
async function rate(
  transcript: Transcript,
  rater: Rater,
  { signal }: RateContext,
): Promise<readonly Rating[]> {
  const thinks = (viewOf({ shows: 'thoughts' }, transcript).thoughts ?? '').trim() !== '';
  const sittings: Sittings = new Map();
  const ratings: Rating[] = [];
  for (const { question, part, measure } of asked) {
    if ((part !== 'response' && !thinks) || !canAnswer(rater, question)) continue;
    const judgement = await judgeQuestion(rater, question, transcript, { signal, sittings });
    ratings.push(ratingOf(judgement, rateOf(judgement), { transcript, rater, question, measure }));
  }
  return ratings;
}

export { behaviours } from './behaviours.ts';
export { userLogMeasures } from './measures.ts';
