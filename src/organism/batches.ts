import type { Batch } from './trainer.ts';
import { EOS, PAD } from './world/tokenizer.ts';

/** Tokens, and from which on the loss counts: everything for a document, the answer alone for an example. */
export interface Sequence {
  readonly tokens: readonly number[];
  readonly lossFrom: number;
}

/**
 * Rows of whole sequences, as many to a row as fit; each token that counts weighs 1/n. Every row begins with a
 * sequence, as every prompt does when the network is asked.
 *
 * @param next draws the next sequence, at most `context` long; one that does not fit begins the next row
 * @param used is called with each sequence that came into the batch, in their order
 */
export function packRows<S extends Sequence>(
  rows: number,
  context: number,
  next: () => S,
  used?: (sequence: S) => void,
): Batch {
  const ids = new Int32Array(rows * context).fill(PAD);
  const targets = new Int32Array(rows * context).fill(PAD);
  const weights = new Float32Array(rows * context);
  let counted = 0;
  let waiting = next();
  for (let row = 0; row < rows; row++) {
    let at = 0;
    while (at + waiting.tokens.length <= context) {
      const { tokens, lossFrom } = waiting;
      tokens.forEach((token, i) => {
        ids[row * context + at + i] = token;
        if (i === 0) return;
        targets[row * context + at + i - 1] = token;
        if (i < lossFrom) return;
        weights[row * context + at + i - 1] = 1;
        counted++;
      });
      at += tokens.length;
      used?.(waiting);
      waiting = next();
    }
  }
  for (let i = 0; i < weights.length; i++) weights[i]! /= counted;
  return { ids, targets, weights };
}

/** A document to read: the loss is on every token but the first. */
export function documentSequence(tokens: readonly number[]): Sequence {
  return { tokens, lossFrom: 1 };
}

/** A prompt and its answer: the loss is on the answer and its end. */
export function exampleSequence(prompt: readonly number[], answer: readonly number[]): Sequence {
  return { tokens: [...prompt, ...answer, EOS], lossFrom: prompt.length };
}
