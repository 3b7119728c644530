import {
  type Digest,
  digestOfText,
  InputError,
  requireStorableId,
  type Sample,
  type SandboxImage,
  type SourceReport,
  sampleDigest,
} from '../core/index.ts';
import { effectiveClusters } from '../stats/index.ts';
import type { EvalEntry } from './study.ts';

/** The samples that can have a value of a measure. */
export interface SurveyedMeasure {
  readonly samples: number;
  readonly clusters: number;
  /** 1 + Satterthwaite's degrees of freedom: as many clusters of equal size would be as informative. `null` for one cluster. */
  readonly effectiveClusters: number | null;
}

/** How much there is of an eval entry's samples, and which they are. */
export interface SampleSurvey {
  readonly count: number;
  readonly clusters: number;
  /** Says which samples these are, whatever their order. */
  readonly digest: Digest;
  /** Of all messages of all samples together, in UTF-16 code units. */
  readonly inputCharacters: number;
  readonly inputMessages: number;
  /** Texts of which is asked how likely they are; the prompt is sent, and counted, with each of them. 0 where answers are asked for. */
  readonly texts: number;
  /** By measure id: the samples that can have a value of it. */
  readonly byMeasure: ReadonlyMap<string, SurveyedMeasure>;
  /** What became of the source, where the eval says so. */
  readonly source?: SourceReport;
  /** What the samples' sandboxes start from, each once. */
  readonly images: readonly SandboxImage[];
}

/**
 * Goes through an entry's samples once, keeping their ids but not the samples themselves.
 *
 * @throws InputError for an id that comes twice or is too long, a sample without id or cluster, and an entry without samples
 */
export async function surveySamples(entry: EvalEntry): Promise<SampleSurvey> {
  const ids = new Set<string>();
  const all = new Tally();
  const byMeasure = new Map(entry.eval.measures.map(({ id }) => [id, new Tally()]));
  const digests = new SetDigest();
  const images = new Map<string, SandboxImage>();
  let inputCharacters = 0;
  let inputMessages = 0;
  let texts = 0;
  for await (const sample of entry.eval.samples(entry.options)) {
    checkSample(sample, ids, entry);
    ids.add(sample.id);
    all.add(sample.cluster);
    for (const id of measuresOf(entry, sample)) byMeasure.get(id)?.add(sample.cluster);
    digests.add(sampleDigest(sample));
    const image = entry.eval.imageOf?.(sample);
    if (image !== undefined) images.set(JSON.stringify(image), image);
    const asked = entry.eval.likelihoodOf?.(sample)?.length ?? 0;
    texts += asked;
    const times = Math.max(1, asked);
    inputMessages += sample.input.length * times;
    for (const { content } of sample.input) inputCharacters += content.length * times;
  }
  if (ids.size === 0) {
    throw new InputError(`the eval "${entry.id}" has no samples`, {
      remedy: 'Check the options that choose them.',
    });
  }
  const source = await entry.eval.report?.(entry.options);
  return {
    count: all.samples,
    clusters: all.clusters,
    digest: digests.digest(),
    inputCharacters,
    inputMessages,
    texts,
    byMeasure: new Map(
      [...byMeasure].map(([id, { samples, clusters, effectiveClusters }]) => [
        id,
        { samples, clusters, effectiveClusters },
      ]),
    ),
    ...(source === undefined ? {} : { source }),
    images: [...images.values()],
  };
}

/** The digest of these samples, whatever their order. @param digests `sampleDigest` of each of them */
export function digestOfSamples(digests: Iterable<Digest>): Digest {
  const set = new SetDigest();
  for (const digest of digests) set.add(digest);
  return set.digest();
}

/** The measures a sample counts towards, with those derived from them. */
function measuresOf({ eval: { measures, measuresOf: own } }: EvalEntry, sample: Sample): Iterable<string> {
  const ids = new Set(own === undefined ? measures.map(({ id }) => id) : own(sample));
  for (const { id, derived } of measures) if (derived !== undefined && ids.has(derived.from)) ids.add(id);
  return ids;
}

function checkSample({ id, cluster }: Sample, ids: ReadonlySet<string>, entry: EvalEntry): void {
  const place = `sample ${ids.size + 1} of the eval "${entry.id}"`;
  if (id === '')
    throw new InputError(`${place} has no id`, { remedy: 'Give every sample an id of its own.' });
  requireStorableId(id, `the id of ${place}`);
  requireStorableId(cluster, `the cluster of ${place}`);
  if (cluster === '') {
    throw new InputError(`${place} ("${id}") has no cluster`, {
      remedy:
        'Name what it shares with its like (theme, scenario), or repeat its id where it shares nothing.',
    });
  }
  if (ids.has(id)) {
    throw new InputError(`the sample id "${id}" comes twice in the eval "${entry.id}"`, {
      remedy: 'Give every sample an id of its own: records of two would be taken for one.',
    });
  }
}

/** Counts samples, and those of each cluster. */
class Tally {
  samples = 0;
  readonly #clusters = new Map<string, number>();

  add(cluster: string): void {
    this.samples += 1;
    this.#clusters.set(cluster, (this.#clusters.get(cluster) ?? 0) + 1);
  }

  get clusters(): number {
    return this.#clusters.size;
  }

  get effectiveClusters(): number | null {
    return effectiveClusters([...this.#clusters.values()]);
  }
}

/**
 * The digest of a set of digests: their sum modulo 2¹²⁸, hashed with their number. It takes one number of memory and does
 * not depend on order, because a table with its rows in another order holds the same samples.
 *
 * @see Bellare & Micciancio (1997), AdHash. It guards against mistakes, not against somebody who forges samples.
 */
class SetDigest {
  #sum = 0n;
  #count = 0;

  add(digest: Digest): void {
    this.#sum = BigInt.asUintN(128, this.#sum + BigInt(`0x${digest}`));
    this.#count += 1;
  }

  digest(): Digest {
    return digestOfText(`${this.#count}:${this.#sum.toString(16)}`);
  }
}
