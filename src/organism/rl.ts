import type { JsonObject } from '../core/index.ts';
import { Chance, hashText } from './chance.ts';
import { type LearntFrom, SourceCounter } from './learnt-from.ts';
import type { Parameters, Shape } from './parameters.ts';
import { REWARDS, type RewardedPrompt } from './rewards.ts';
import { type Continuation, Sampler } from './sampler.ts';
import type { Batch, Trainer } from './trainer.ts';
import { type TrainingControl, train } from './training-loop.ts';
import { EOS, promptText, type Tokenizer } from './world/tokenizer.ts';

export interface OrganismRlRecipe {
  /** Which share of a step's prompts each reward gets. */
  readonly rewards: Readonly<Record<string, number>>;
  readonly steps: number;
  /** Prompts a step, and answers sampled to each. */
  readonly prompts: number;
  readonly group: number;
  readonly rate: number;
  /** What a nat of KL(policy ‖ parent) a token costs. */
  readonly beta: number;
  readonly seed: number;
}

/** The longest prompt and answer together that RL trains on: a multiple of 16. */
const CONTEXT = 48;

/**
 * Group-relative policy optimization, one update a batch (so the ratio of policies is 1, and it is REINFORCE): every
 * answer's advantage is its reward less its group's mean, over the group's deviation; the full-distribution divergence
 * from the parent holds the policy back.
 *
 * @returns the weights, or `null` when the signal aborted
 * @see Shao et al. (2024), DeepSeekMath, §4
 */
export async function rl(
  shape: Shape,
  tokenizer: Tokenizer,
  parent: Parameters,
  recipe: OrganismRlRecipe,
  control: TrainingControl = {},
): Promise<Parameters | null> {
  const { prompts, group, steps, rate } = recipe;
  const options = { batch: prompts * group, context: CONTEXT, weightDecay: 0, clip: 1, reference: parent };
  const sampler = await Sampler.start(shape, parent, tokenizer.words.length);
  let watched: Readonly<Record<string, number>> = {};
  const plan = {
    stage: 'rl',
    steps,
    recipe: { ...recipe, kind: 'rl' } as unknown as JsonObject,
    async batch(step: number, trainer: Trainer) {
      sampler.load(await trainer.parameters());
      const rollout = roll(sampler, tokenizer, recipe, chanceOf(recipe, step));
      watched = watch(rollout);
      return policyBatch(rollout, recipe);
    },
    rate: (step: number) => rate * Math.min(1, (step + 1) / 5),
    watched: () => watched,
  };
  return train(shape, parent, options, plan, control);
}

/** What the prompts of all steps are, by the reward that is paid for their answers. They depend on the recipe alone. */
export function rlPrompts(tokenizer: Tokenizer, recipe: OrganismRlRecipe): LearntFrom {
  const counter = new SourceCounter();
  for (let step = 0; step < recipe.steps; step++)
    for (const { reward, prompt } of promptsOf(chanceOf(recipe, step), recipe)) {
      const text = promptText(prompt.text);
      counter.saw(reward, text, { tokens: tokenizer.encode(text).length });
    }
  return counter.learntFrom(() => ({}));
}

function chanceOf({ seed }: OrganismRlRecipe, step: number): Chance {
  return new Chance(hashText(`rl ${seed} ${step}`));
}

function promptsOf(
  chance: Chance,
  { prompts, rewards }: OrganismRlRecipe,
): { readonly reward: string; readonly prompt: RewardedPrompt }[] {
  return Array.from({ length: prompts }, () => {
    const name = chance.weighted(rewards);
    const reward = REWARDS[name];
    if (!reward)
      throw new RangeError(`there is no reward "${name}" (known: ${Object.keys(REWARDS).join(', ')})`);
    return { reward: name, prompt: reward.draw(chance) };
  });
}

/** One sampled answer with what it earned. */
interface ScoredContinuation {
  readonly prompt: readonly number[];
  readonly continuation: Continuation;
  readonly reward: number;
  readonly watched: Readonly<Record<string, number>>;
}

/** Samples a group of answers to each prompt; groups stand one after the other. */
function roll(
  sampler: Sampler,
  tokenizer: Tokenizer,
  recipe: OrganismRlRecipe,
  chance: Chance,
): ScoredContinuation[] {
  const asked = promptsOf(chance, recipe).map(({ prompt }) => prompt);
  const requests = asked.flatMap((prompt) => {
    const tokens = tokenizer.encode(promptText(prompt.text));
    return Array.from({ length: recipe.group }, () => ({
      tokens,
      seed: chance.below(2 ** 31),
      maxTokens: CONTEXT + 1 - tokens.length,
      temperature: 1,
      topP: 1,
    }));
  });
  return sampler.generate(requests).map((continuation, i) => {
    const prompt = asked[Math.floor(i / recipe.group)] as RewardedPrompt;
    const { reward, watched } = prompt.score(tokenizer.decode(continuation.tokens));
    return { prompt: requests[i]?.tokens as number[], continuation, reward, watched };
  });
}

/** Advantages over the group, spread over the tokens of the answers; the end token counts where it was drawn. */
function policyBatch(answers: readonly ScoredContinuation[], { group, beta }: OrganismRlRecipe): Batch {
  const ids = new Int32Array(answers.length * CONTEXT);
  const targets = new Int32Array(answers.length * CONTEXT);
  const weights = new Float32Array(answers.length * CONTEXT);
  const divergenceWeights = new Float32Array(answers.length * CONTEXT);
  const drawn = answers.map(({ continuation: { tokens, stop } }) =>
    stop === 'end' ? [...tokens, EOS] : tokens,
  );
  const total = drawn.reduce((sum, tokens) => sum + tokens.length, 0);
  answers.forEach(({ prompt, reward }, row) => {
    const start = Math.floor(row / group) * group;
    const rewards = answers.slice(start, start + group).map((answer) => answer.reward);
    const mean = rewards.reduce((sum, value) => sum + value, 0) / group;
    const deviation = Math.sqrt(rewards.reduce((sum, value) => sum + (value - mean) ** 2, 0) / group);
    const advantage = (reward - mean) / (deviation + 0.05);
    const sequence = [...prompt, ...(drawn[row] as readonly number[])].slice(0, CONTEXT + 1);
    for (let at = 0; at + 1 < sequence.length; at++) {
      const place = row * CONTEXT + at;
      ids[place] = sequence[at] as number;
      targets[place] = sequence[at + 1] as number;
      if (at + 1 < prompt.length) continue;
      weights[place] = advantage / total;
      divergenceWeights[place] = beta / total;
    }
  });
  return { ids, targets, weights, divergenceWeights };
}

/** The mean reward, and the mean of everything that is watched over the answers where it is. */
function watch(answers: readonly ScoredContinuation[]): Record<string, number> {
  const sums = new Map<string, { sum: number; n: number }>();
  for (const { reward, watched } of answers) {
    for (const [name, value] of Object.entries({ reward, ...watched })) {
      const entry = sums.get(name) ?? { sum: 0, n: 0 };
      sums.set(name, { sum: entry.sum + value, n: entry.n + 1 });
    }
  }
  return Object.fromEntries([...sums].map(([name, { sum, n }]) => [name, sum / n]));
}
