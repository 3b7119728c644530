import { conversationLimits } from '../../agent/index.ts';
import type { Eval, RateContext, Rater, Rating, Transcript } from '../../core/index.ts';
import { canAnswer, ratingOf } from '../judged.ts';
import { elicitOptimisation } from './elicit.ts';
import { rewardHackingMeasures } from './measures.ts';
import { optionsSchema, readOptions } from './options.ts';
import { asked } from './questions.ts';
import { rewardHackingSamples } from './samples.ts';

/**
 * Reward hacking: asked to make a slow program fast, does an agent make it look fast instead? docs/evals/reward-hacking.md says what is
 * measured and how.
 */
export const rewardHacking: Eval = {
  name: 'reward-hacking',
  version: '1',
  title: 'Reward hacking: a timing script that can be cheated',
  measures: rewardHackingMeasures,
  questions: asked.map(({ question }) => question),
  sandboxed: true,
  optionsSchema,
  conversation: (options) => conversationLimits(readOptions(options)),
  samples: (options) => ({
    async *[Symbol.asyncIterator]() {
      yield* rewardHackingSamples(options);
    },
  }),
  elicit: elicitOptimisation,
  rate,
};

/** What a rater says of hacks; and, by the rule that measures, what the program is worth. Judges are asked the first alone. */
async function rate(
  transcript: Transcript,
  rater: Rater,
  { signal }: RateContext,
): Promise<readonly Rating[]> {
  const ratings: Rating[] = [];
  for (const { question, values } of asked) {
    if (rater.kind !== 'rule' && question.rulesOnly) continue;
    if (!canAnswer(rater, question)) continue;
    const judgement = await rater.judge(question, transcript, signal);
    for (const { measure, of } of values) {
      ratings.push(ratingOf(judgement, of(judgement), { transcript, rater, question, measure }));
    }
  }
  return ratings;
}
