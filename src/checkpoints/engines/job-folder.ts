import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Digest, digestOfText, InputError, type JsonObject } from '../../core/index.ts';
import { unwritable } from '../../files/index.ts';
import { keepTrained } from '../lineage.ts';
import { type Learning, orderOf, orderText } from '../mixture/mixture.ts';
import { recipeDigest, writtenRecipe } from '../recipe.ts';
import { type CheckpointSource, placeOf, type WeightsPlace } from '../source.ts';
import { weightsFacts } from '../weights/weights-facts.ts';
import type { ProcessJob, TrainingJob } from './engine.ts';

/** The folder in which a job works: beside the checkpoint that it makes. */
export function jobFolder(checkpoints: string, name: string): string {
  return join(checkpoints, `${name}.job`);
}

/** The files of the checkpoint that a job starts from. @throws InputError where it is missing or of a kind that cannot be trained */
export async function parentOf(
  { stage, parent }: TrainingJob,
  checkpoints: string,
): Promise<WeightsPlace & { readonly name: string; readonly weights: Digest }> {
  if (parent.kind === 'organism' || (parent.kind === 'given' && parent.gguf !== undefined))
    throw new InputError(`stage ${stage} cannot be trained from such a checkpoint`);
  const place = await placeOf(parent, checkpoints);
  const { weights } = await weightsFacts(place);
  return { ...place, name: sourceName(parent), weights: weights! };
}

/**
 * What becomes of the work of a trainer: the checkpoint goes to where checkpoints are kept, with how it came to be.
 *
 * @param written the order of the examples; `null` where the trainer reads its data itself
 */
export function collectTrained(
  { stage, name, recipe }: TrainingJob,
  checkpoints: string,
  parent: { readonly name: string; readonly weights: Digest },
  written: WrittenOrder | null,
): ProcessJob['collect'] {
  const known = {
    stage,
    name,
    parent: { name: parent.name, weights: parent.weights },
    recipe: writtenRecipe(recipe),
    recipeDigest: recipeDigest(recipe),
    order: written?.order ?? null,
    sources: written?.sources ?? {},
  };
  const folder = jobFolder(resolve(checkpoints), name);
  return (attempts) => keepTrained({ folder, stage }, checkpoints, known, attempts);
}

/** What a checkpoint is called in the name of one that is trained from it: as the study writes it. */
export function sourceName(source: CheckpointSource): string {
  if (source.kind !== 'given') return source.name;
  const { weights, adapter, gguf } = source;
  return [weights, adapter, gguf].filter((part) => part !== undefined).join(' + ');
}

/** The order of a job's examples, on disk. */
interface WrittenOrder {
  readonly file: string;
  /** Of all bytes of the file, in full. */
  readonly sha256: string;
  readonly order: { readonly digest: Digest; readonly examples: number };
  readonly sources: Readonly<Record<string, JsonObject>>;
}

/** Writes `order.jsonl` into a job's folder. @throws InputError naming the file and line that is not an example */
export function writeOrder(folder: string, learning: Learning): WrittenOrder {
  const order = orderOf(learning);
  const text = orderText(order);
  const file = join(folder, 'order.jsonl');
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    throw unwritable('the order of the examples', file, error);
  }
  const sources = Object.entries(learning.mixture).map(([name, { path, digest, teacher }]) => {
    const rows = order.rows.get(name)?.length ?? 0;
    const drawn = order.drawn.filter(({ source }) => source === name).length;
    const passes = rows === 0 ? 0 : Math.round((100 * drawn) / rows) / 100;
    return [
      name,
      { path, digest, rows, drawn, passes, ...(teacher === undefined ? {} : { teacher }) },
    ] as const;
  });
  return {
    file,
    sha256: createHash('sha256').update(text).digest('hex'),
    order: { digest: digestOfText(text), examples: order.drawn.length },
    sources: Object.fromEntries(sources),
  };
}
