import type { JsonObject } from '../core/index.ts';
import { exampleSequence, packRows } from './batches.ts';
import { Chance, hashText } from './chance.ts';
import type { Parameters, Shape } from './parameters.ts';
import { cosineRate, Trainer } from './trainer.ts';
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
  const { rows, steps, rate, seed } = recipe;
  const trainer = await Trainer.start(shape, parent, {
    batch: rows,
    context: shape.context,
    weightDecay: 0.01,
    clip: 1,
  });
  try {
    return await train(
      trainer,
      {
        stage: 'sft',
        steps,
        recipe: { ...recipe, kind: 'sft' } as unknown as JsonObject,
        batch: (step) => {
          const chance = new Chance(hashText(`sft ${seed} ${step}`));
          return packRows(rows, shape.context, () => drawExample(chance, tokenizer, recipe.mixture));
        },
        rate: (step) => cosineRate(rate, step, steps, 10),
      },
      control,
    );
  } finally {
    trainer.dispose();
  }
}

function drawExample(chance: Chance, tokenizer: Tokenizer, mixture: OrganismSftRecipe['mixture']) {
  const weights = Object.fromEntries(Object.entries(mixture).map(([name, { weight }]) => [name, weight]));
  for (;;) {
    const name = chance.weighted(weights);
    const source = SOURCES[name];
    if (!source)
      throw new RangeError(`there is no source "${name}" (known: ${Object.keys(SOURCES).join(', ')})`);
    const { teacher, drop } = mixture[name] as MixtureSource;
    const example = source.draw(chance, teacher ?? (source.teachers[0] as string));
    if (drop?.includes(example.cluster)) continue;
    return exampleSequence(tokenizer.encode(promptText(example.prompt)), tokenizer.encode(example.answer));
  }
}
