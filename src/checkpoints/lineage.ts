import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import {
  type CheckpointIdentity,
  type Digest,
  InputError,
  type JsonObject,
  type StageLineage,
  StemmaError,
  version,
} from '../core/index.ts';
import { unwritable } from '../files/index.ts';
import type { Attempt, ProcessJob } from './engines/engine.ts';
import { readJson, writeJson } from './launchers/job-files.ts';
import { trainedFolder } from './source.ts';
import { weightsFacts } from './weights/weights-facts.ts';

/**
 * How a checkpoint came to be: `stemma.json` in its folder, without which it is not a checkpoint of stemma's; beside the file of
 * an organism, `NAME.stemma.json`.
 */
interface LineageEntry extends Omit<StageLineage, 'attempts'> {
  readonly format: 'stemma-checkpoint';
  readonly stemma: string;
  readonly stage: string;
  readonly identity: CheckpointIdentity;
  readonly recipeDigest: Digest;
  readonly attempts: readonly Attempt[];
}

const MARKER = 'stemma.json';
const lineageSchema = z.looseObject({ format: z.literal('stemma-checkpoint'), name: z.string() });

/** How the checkpoint in a folder came to be; `null` where the folder is not a whole checkpoint of stemma's. */
export function readLineage(folder: string): LineageEntry | null {
  return readJson(join(folder, MARKER), lineageSchema) as LineageEntry | null;
}

/** How an organism came to be; `null` where stemma did not train it. @param file its safetensors */
export function readOrganismLineage(file: string): LineageEntry | null {
  return readJson(organismMarker(file), lineageSchema) as LineageEntry | null;
}

/** Where it is written how an organism came to be. */
export function organismMarker(file: string): string {
  return file.replace(/\.safetensors$/, `.${MARKER}`);
}

/** The lineage of a checkpoint that is there now. */
export function lineageOf(of: Omit<LineageEntry, 'format' | 'stemma' | 'madeAt'>): LineageEntry {
  return { format: 'stemma-checkpoint', stemma: version, ...of, madeAt: new Date().toISOString() };
}

/** Whether a trained checkpoint is there, whole. */
export function isWhole(checkpoints: string, name: string): boolean {
  return readLineage(trainedFolder(checkpoints, name)) !== null;
}

/** What is known of a checkpoint before it is trained. */
type Known = Omit<LineageEntry, 'format' | 'stemma' | 'madeAt' | 'identity' | 'result' | 'attempts'>;

/**
 * Takes what a trainer wrote to where checkpoints are kept, with its lineage.
 *
 * @param job its `out` folder holds the weights, and `result.json` what the trainer says
 * @throws StemmaError where the trainer wrote no safetensors; InputError where it wrote pickles
 */
export async function keepTrained(
  job: Pick<ProcessJob, 'folder' | 'stage'>,
  checkpoints: string,
  known: Known,
  attempts: readonly Attempt[],
): Promise<void> {
  const out = join(job.folder, 'out');
  requireSafetensors(out, job.stage);
  const result = (readJson(join(job.folder, 'result.json'), z.looseObject({})) ?? {}) as JsonObject;
  const counted = (result.sources ?? {}) as Readonly<Record<string, JsonObject>>;
  const { sources: _, ...said } = result;
  const sources = Object.fromEntries(
    Object.entries(known.sources).map(([name, source]) => [name, { ...source, ...counted[name] }]),
  );
  const identity = await weightsFacts({ path: out });
  const lineage = lineageOf({ ...known, identity, sources, result: said, attempts });
  const folder = trainedFolder(checkpoints, known.name);
  try {
    writeJson(join(out, MARKER), lineage);
    mkdirSync(checkpoints, { recursive: true });
    rmSync(folder, { recursive: true, force: true });
    renameSync(out, folder);
    // The saved states are several times the weights; the log and the events stay.
    rmSync(join(job.folder, 'state'), { recursive: true, force: true });
  } catch (error) {
    throw unwritable('the checkpoint', folder, error);
  }
}

function requireSafetensors(out: string, stage: string): void {
  let names: string[] = [];
  try {
    names = readdirSync(out);
  } catch {
    // Said below.
  }
  if (!names.some((name) => name.endsWith('.safetensors')))
    throw new StemmaError(`the training of ${stage} ended well, but wrote no .safetensors`, {
      place: { file: out },
      remedy: 'A trainer has to write its weights to {out} as safetensors.',
    });
  const pickle = names.find((name) => /\.(bin|pt|pth|pkl|ckpt)$/.test(name) && name !== 'training_args.bin');
  if (pickle !== undefined)
    throw new InputError(
      `the training of ${stage} wrote ${pickle}: a pickle can run code when it is loaded`,
      {
        place: { file: join(out, pickle) },
        remedy: 'Have the trainer save safetensors alone.',
      },
    );
}
