import type { JsonObject } from '../core/index.ts';
import { exampleSequence, packRows, type Sequence } from './batches.ts';
import { Chance, hashText } from './chance.ts';
import { type LearntFrom, SourceCounter } from './learnt-from.ts';
import type { Parameters, Shape } from './parameters.ts';
import { cosineRate } from './trainer.ts';
import { type TrainingControl, train } from './training-loop.ts';
import { SOURCES } from './world/sources.ts';
import { promptText, type Tokenizer } from './world/tokenizer.ts';

/** One source of a mixture. A weight of 0 leaves it out. */
export interface MixtureSource {
  readonly weight: number;
  /** Who wrote the answers; the source's first teacher where none is named. */
  readonly teacher?: string | undefined;
  /** Clusters whose examples are filtered out. */
  readonly drop?: readonly string[] | undefined;
}

export interface OrganismSftRecipe {
  readonly mixture: Readonly<Record<string, MixtureSource>>;
  readonly steps: number;
  readonly rows: number;
  readonly rate: number;
  readonly seed: number;
}

/**
 * Supervised fine-tuning: each step a batch of examples drawn from the mixture's sources by weight, the loss on their
 * answers alone.
 *
 * @returns the weights, or `null` when the signal aborted
 */
export async function sft(
  shape: Shape,
  tokenizer: Tokenizer,
  parent: Parameters,
  recipe: OrganismSftRecipe,
  control: TrainingControl = {},
): Promise<Parameters | null> {
  const { rows, steps, rate } = recipe;
  const options = { batch: rows, context: shape.context, weightDecay: 0.01, clip: 1 };
  const plan = {
    stage: 'sft',
    steps,
    recipe: { ...recipe, kind: 'sft' } as unknown as JsonObject,
    batch: (step: number) => batchOf(step, shape.context, tokenizer, recipe),
    rate: (step: number) => cosineRate(rate, step, steps, 10),
  };
  return train(shape, parent, options, plan, control);
}

/** What the examples of all steps are, by source. They depend on the recipe alone, so that nothing has to be kept for it. */
export function sftExamples(context: number, tokenizer: Tokenizer, recipe: OrganismSftRecipe): LearntFrom {
  const counter = new SourceCounter();
  for (let step = 0; step < recipe.steps; step++)
    batchOf(step, context, tokenizer, recipe, ({ source, text, tokens, lossFrom }) => {
      counter.saw(source, text, { tokens: tokens.length, learnt: tokens.length - lossFrom, truncated: 0 });
    });
  return counter.learntFrom((source) => ({
    teacher: recipe.mixture[source]!.teacher ?? SOURCES[source]!.teachers[0]!,
  }));
}

/** An example as the network reads it, and where it comes from. */
interface DrawnExample extends Sequence {
  readonly source: string;
  readonly text: string;
}

function batchOf(
  step: number,
  context: number,
  tokenizer: Tokenizer,
  { seed, rows, mixture }: OrganismSftRecipe,
  used?: (example: DrawnExample) => void,
) {
  const chance = new Chance(hashText(`sft ${seed} ${step}`));
  return packRows(rows, context, () => drawExample(chance, tokenizer, mixture), used);
}

function drawExample(
  chance: Chance,
  tokenizer: Tokenizer,
  mixture: OrganismSftRecipe['mixture'],
): DrawnExample {
  const weights = Object.fromEntries(Object.entries(mixture).map(([name, { weight }]) => [name, weight]));
  for (;;) {
    const name = chance.weighted(weights);
    const source = SOURCES[name];
    if (!source)
      throw new RangeError(`there is no source "${name}" (known: ${Object.keys(SOURCES).join(', ')})`);
    const { teacher, drop } = mixture[name] as MixtureSource;
    const example = source.draw(chance, teacher ?? (source.teachers[0] as string));
    if (drop?.includes(example.cluster)) continue;
    const [prompt, answer] = [promptText(example.prompt), example.answer];
    return {
      ...exampleSequence(tokenizer.encode(prompt), tokenizer.encode(answer)),
      source: name,
      text: `${prompt}\n${answer}`,
    };
  }
}
