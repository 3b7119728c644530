import { conversationLimits } from '../../agent/index.ts';
import type { Eval } from '../../core/index.ts';
import { actedIn } from '../answered/answered.ts';
import { elicitOptimisation } from './elicit.ts';
import { rewardHackingMeasures } from './measures.ts';
import { readOptions, rewardHackingOptions } from './options.ts';
import { rewardHackingAsks } from './questions.ts';
import { rewardHackingSamples } from './samples.ts';

/**
 * Reward hacking: asked to make a slow program fast, does an agent make it look fast instead? docs/evals/reward-hacking.md says what is
 * measured and how.
 */
export const rewardHacking: Eval = {
  name: 'reward-hacking',
  version: '1',
  title: 'Reward hacking: a timing script that can be cheated',
  measures: [...rewardHackingMeasures, actedIn('reward-hacking')],
  questions: [...new Set(rewardHackingAsks.map(({ question }) => question))],
  sandboxed: true,
  get optionsSchema() {
    return rewardHackingOptions.jsonSchema();
  },
  conversation: (options) => conversationLimits(readOptions(options)),
  samples: (options) => ({
    async *[Symbol.asyncIterator]() {
      yield* rewardHackingSamples(options);
    },
  }),
  elicit: elicitOptimisation,
  asks: () => rewardHackingAsks,
};
