import { type Digest, InputError, type Sample } from '../core/index.ts';
import { type RunWriter, type SampleFile, type SampleReader, type Shard, shardOf } from '../records/index.ts';
import { digestOfSamples, type EvalEntry, type PlannedEval } from '../study/index.ts';
import type { SampleRef } from './sample-order.ts';

/** The samples of a run: which there are, and the text of each when it is needed. */
export interface Samples extends AsyncDisposable {
  of(evalId: string): readonly SampleRef[];
  /** @throws as `SampleReader.read` */
  read(evalId: string, sampleId: string): Sample;
}

/** No more samples, and no more characters of their messages, are on their way to disk at once. */
const BATCH = { samples: 4096, characters: 8 << 20 };

/**
 * The samples of these evals; of a part of a divided run, those that are its own. Ids and clusters are in memory. Texts are in the run folder, where the first session puts
 * them; a session that finds all of them there does not read the source again.
 *
 * @throws InputError when an eval gives a sample id twice; RecordsError when the folder has another sample by an id; what
 *   reading the source throws
 */
export async function openSamples(
  writer: RunWriter,
  evals: readonly PlannedEval[],
  shard: Shard | null = null,
): Promise<Samples> {
  const files = new Map<string, SampleReader>();
  const refs = new Map<string, readonly SampleRef[]>();
  const close = async () => {
    for (const file of files.values()) await file[Symbol.asyncDispose]();
  };
  try {
    for (const { entry, samples } of evals) {
      const digest = writer.manifest.evals.find(({ id }) => id === entry.id)?.samples.digest;
      const whole = (file: SampleReader) => isWhole(file, samples, digest);
      const { file, ids } = await (shard === null ? ownSamples : sharedSamples)(writer, entry, whole);
      files.set(entry.id, file);
      refs.set(
        entry.id,
        ids
          .filter((id) => shard === null || shardOf(entry.id, id, shard.of) === shard.k)
          .map((id) => ({ id, cluster: file.cluster(id)! })),
      );
    }
  } catch (error) {
    await close();
    throw error;
  }
  let latest: { readonly evalId: string; readonly sample: Sample } | undefined;
  return {
    of: (evalId) => refs.get(evalId) ?? [],
    read: (evalId, sampleId) => {
      // A sample is put to every stage, and its jobs are together.
      if (latest?.evalId !== evalId || latest.sample.id !== sampleId)
        latest = { evalId, sample: files.get(evalId)!.read(sampleId) };
      return latest.sample;
    },
    [Symbol.asyncDispose]: close,
  };
}

interface OpenedSamples {
  readonly file: SampleReader;
  /** Of all samples, in the order of the source or of the file. */
  readonly ids: readonly string[];
}

async function ownSamples(
  writer: RunWriter,
  entry: EvalEntry,
  whole: (file: SampleReader) => boolean,
): Promise<OpenedSamples> {
  const file = await writer.samples(entry.id);
  return { file, ids: whole(file) ? [...file.ids()] : await putAll(entry, file) };
}

/** The parts of a divided run share the file of the samples: one writes it, and the others read it then. */
async function sharedSamples(
  writer: RunWriter,
  entry: EvalEntry,
  whole: (file: SampleReader) => boolean,
): Promise<OpenedSamples> {
  const found = await writer.reader.samples(entry.id);
  if (whole(found)) return { file: found, ids: [...found.ids()] };
  await found[Symbol.asyncDispose]();
  let ids: readonly string[] = [];
  await writer.putSamples(entry.id, async (file) => {
    ids = whole(file) ? [...file.ids()] : await putAll(entry, file);
  });
  return { file: await writer.reader.samples(entry.id), ids };
}

/** Whether the file holds the planned samples, all of them and no others. */
function isWhole(file: SampleReader, count: number, digest: Digest | undefined): boolean {
  if (file.size !== count || file.damaged.length > 0) return false;
  return digestOfSamples([...file.ids()].map((id) => file.digest(id)!)) === digest;
}

/** Puts the samples that the file lacks. @returns the ids of all, in the order of the source */
async function putAll({ id: name, eval: code, options }: EvalEntry, file: SampleFile): Promise<string[]> {
  const ids = new Set<string>();
  let batch: Promise<void>[] = [];
  let characters = 0;
  for await (const sample of code.samples(options)) {
    if (ids.has(sample.id)) {
      throw new InputError(`the eval "${name}" has two samples with the id "${sample.id}"`, {
        remedy: 'Give each sample an id of its own: a trial is known by it.',
      });
    }
    ids.add(sample.id);
    batch.push(file.put(sample));
    for (const { content } of sample.input) characters += content.length;
    if (batch.length < BATCH.samples && characters < BATCH.characters) continue;
    await Promise.all(batch);
    batch = [];
    characters = 0;
  }
  await Promise.all(batch);
  return [...ids];
}
