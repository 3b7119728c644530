import type { JsonObject } from '../core/index.ts';
import { documentSequence, packRows } from './batches.ts';
import { Chance, hashText } from './chance.ts';
import type { Checkpoint } from './checkpoint.ts';
import { initialParameters, type Shape } from './parameters.ts';
import { cosineRate } from './trainer.ts';
import { type TrainingControl, train } from './training-loop.ts';
import { BASE_CHANCES, drawDocument, worldVocabulary } from './world/corpus.ts';
import { tokenizer } from './world/tokenizer.ts';

export interface PretrainRecipe extends Omit<Shape, 'vocabulary'> {
  readonly steps: number;
  readonly rows: number;
  readonly rate: number;
  readonly seed: number;
}

/** The recipe of the base that ships with the project. */
export const SHIPPED_RECIPE: PretrainRecipe = {
  width: 96,
  layers: 3,
  heads: 4,
  context: 64,
  steps: 1500,
  rows: 24,
  rate: 3e-3,
  seed: 1,
};

/**
 * Pretrains an organism on the world's corpus: documents of all kinds, the loss on every token.
 *
 * @returns the checkpoint, or `null` when the signal aborted
 */
export async function pretrain(
  recipe: PretrainRecipe,
  control: TrainingControl = {},
): Promise<Checkpoint | null> {
  const words = worldVocabulary();
  const encoder = tokenizer(words);
  const { width, layers, heads, context, steps, rows, rate, seed } = recipe;
  const shape: Shape = { vocabulary: encoder.size, width, layers, heads, context };
  const described = { ...recipe, method: 'pretrain', corpus: { ...BASE_CHANCES } } as unknown as JsonObject;
  const options = { batch: rows, context, weightDecay: 0.01, clip: 1 };
  const plan = {
    stage: 'pretrain',
    steps,
    recipe: described,
    batch: (step: number) => {
      const chance = new Chance(hashText(`pretrain ${seed} ${step}`));
      return packRows(rows, context, () => documentSequence(encoder.encode(drawDocument(chance))));
    },
    rate: (step: number) => cosineRate(rate, step, steps, 40),
  };
  const parameters = await train(shape, initialParameters(shape, seed), options, plan, control);
  const lineage = { stage: 'pretrain', parent: null, recipe: described, seed };
  return parameters && { shape, words, parameters, lineage };
}
