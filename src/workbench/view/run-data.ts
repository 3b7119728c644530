import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, type Manifest } from '../../core/index.ts';
import { openRun, type RunReader } from '../../records/index.ts';
import {
  checkedFilter,
  placeOfTrial,
  readFirstSamples,
  readTrialTable,
  SampleLists,
  type SampleTrials,
  type TextTest,
  type TrialColumns,
} from '../trials/index.ts';
import { queryOf, type SampleName, type SamplePage } from '../trials/list-query.ts';
import type { SampleView, ViewedRun, WholeRun } from '../wire.ts';
import { TextIndex } from './text-index.ts';

/** What a list begins with while the rest is read: as many as a page asks for first. */
const FIRST_SAMPLES = 100;
/** A run with fewer trials is read at once. */
const SMALL = 5_000;
/** New records are taken in again after so many times the processor time that the last time took. */
const REST = 5;

/** An index of all texts, and of which version of the run. */
interface VersionedIndex {
  readonly index: TextIndex;
  readonly version: number;
}

/**
 * A run as its pages ask for it: a summary, lists of samples, single samples. It reads the run folder and writes nothing into
 * it. One process holds one of these, apart from the server, so that a long filter does not stop the others' pages.
 */
export class RunData implements Disposable {
  #reader: RunReader;
  /** Of the run's first samples, until all is read. */
  #lists: SampleLists;
  /** Settles when all is read; null where that failed and is to be tried again. */
  #whole: Promise<void> | null = null;
  #isWhole = false;
  #version = 1;
  #sizes: string;
  #texts: VersionedIndex | null = null;
  #newerTexts: VersionedIndex | null = null;
  #refreshing: Promise<number> | null = null;
  #restsUntil = 0;
  readonly #reading = new Set<Promise<unknown>>();

  private constructor(reader: RunReader, table: TrialColumns, sizes: string) {
    this.#reader = reader;
    this.#lists = this.#newLists(table);
    this.#sizes = sizes;
  }

  /**
   * Opens a run. Of a large one the first samples are there at once; all else waits until the rest is read.
   *
   * @throws RecordsError when the folder is not a run folder
   */
  static async open(folder: string): Promise<RunData> {
    const reader = await openRun(folder);
    try {
      const sizes = await segmentSizes(folder);
      const first = reader.countTrials() < SMALL ? null : await readFirstSamples(reader, FIRST_SAMPLES);
      const data = new RunData(reader, first ?? (await readTrialTable(reader)), sizes);
      if (first === null) data.#isWhole = true;
      else data.#all().catch(() => {});
      return data;
    } catch (error) {
      reader.close();
      throw error;
    }
  }

  /** Waits until all is read. @throws RecordsError while it cannot be read */
  async #all(): Promise<void> {
    if (this.#isWhole) return;
    this.#whole ??= readTrialTable(this.#reader).then(
      (table) => {
        this.#lists = this.#newLists(table);
        this.#isWhole = true;
      },
      (error: unknown) => {
        this.#whole = null;
        throw error;
      },
    );
    await this.#whole;
  }

  /**
   * Takes in what was recorded since. What cannot be read at this moment is tried again at the next call.
   *
   * @returns the version, which changed if anything was
   * @throws RecordsError while the run cannot be read; what was read before stays
   */
  refresh(): Promise<number> {
    this.#refreshing ??= this.#takeIn().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #takeIn(): Promise<number> {
    await this.#all();
    // Taking in a large run that grows all the time must not become all that this process does.
    if (performance.now() < this.#restsUntil) return this.#version;
    const before = this.#reader;
    const sizes = await segmentSizes(before.folder);
    if (sizes === this.#sizes) return this.#version;
    const start = processorMs();
    // Opened anew, because the manifest grows too: a new labeller, a new stage.
    const reader = await openRun(before.folder);
    try {
      this.#lists = this.#newLists(await readTrialTable(reader));
    } catch (error) {
      reader.close();
      throw error;
    }
    this.#reader = reader;
    this.#sizes = sizes;
    this.#restsUntil = performance.now() + REST * (processorMs() - start);
    // Pages that are being read end first; they began with what was there before.
    void Promise.allSettled([...this.#reading]).then(() => before.close());
    return ++this.#version;
  }

  summary(): ViewedRun {
    const summary = summaryOf(this.#reader.manifest, this.#lists.table, this.#version);
    return this.#isWhole ? summary : { ...summary, samples: null, trials: null };
  }

  /**
   * A part of the samples that pass the filter of an address.
   *
   * @throws InputError for names that the run does not have
   */
  async samples(address: string, from: number, count: number): Promise<SamplePage> {
    const parameters = new URLSearchParams(address);
    if (!this.#isWhole && isUnfiltered(parameters))
      return { ...this.#lists.page(parameters, from, count), reading: true };
    await this.#all();
    return this.#lists.page(parameters, from, count);
  }

  /** One sample with its texts and ratings, and its neighbours in the list of an address. */
  async sample(address: string, name: SampleName): Promise<SampleView> {
    await this.#all();
    const found = this.#lists.around(new URLSearchParams(address), name);
    if (found === null) throw new InputError(`the run has no sample "${name.sample}" of ${name.eval}`);
    const { sample, ...place } = found;
    const reading = withTexts(this.#reader, sample);
    this.#reading.add(reading);
    try {
      return { ...place, ...(await reading) };
    } finally {
      this.#reading.delete(reading);
    }
  }

  #newLists(table: TrialColumns): SampleLists {
    return new SampleLists(
      table,
      (query) => checkedFilter(query, this.#reader.manifest),
      (text) => this.#textTest(text),
    );
  }

  #textTest(text: string): TextTest {
    const { table } = this.#lists;
    this.#texts ??= this.#indexed();
    const { index, version } = this.#texts;
    const { progress } = index;
    if (progress !== null) return progress;
    // What was recorded since is searched as soon as it is indexed too; until then, what was there before.
    if (version !== this.#version) this.#newerTexts ??= this.#indexed();
    const found = new Uint8Array(table.trials.stage.length);
    const placeOf = placeOfTrial(table);
    for (const key of index.search(text)) {
      const at = placeOf(key);
      if (at >= 0) found[at] = 1;
    }
    return (trial) => found[trial] === 1;
  }

  /** Begins an index of all texts that are there now. */
  #indexed(): VersionedIndex {
    const texts = { index: new TextIndex(), version: this.#version };
    const building = texts.index.build(this.#reader, this.#lists.table.trials.stage.length);
    this.#reading.add(building);
    building
      .then(() => {
        if (this.#newerTexts !== texts) return;
        this.#texts?.index[Symbol.dispose]();
        this.#newerTexts = null;
        // A version of its own, so that pages ask for the list anew.
        this.#texts = { ...texts, version: ++this.#version };
      })
      .catch(() => {})
      .finally(() => this.#reading.delete(building));
    return texts;
  }

  [Symbol.dispose](): void {
    this.#texts?.index[Symbol.dispose]();
    this.#newerTexts?.index[Symbol.dispose]();
    this.#reader.close();
  }
}

/** Whether an address lists all samples, in their own order. */
function isUnfiltered(parameters: URLSearchParams): boolean {
  return Object.keys(queryOf(parameters)).length === 0;
}

/** Processor time of this process so far, in milliseconds: on a busy machine, wall time says little about the work. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Files and sizes of a run's segments: what changes when something is recorded. */
async function segmentSizes(folder: string): Promise<string> {
  const kinds = ['transcripts', 'ratings'];
  const sizes = await Promise.all(
    kinds.map(async (kind) => {
      const names = await readdir(join(folder, kind)).catch(() => []);
      return names.sort().map((name) => {
        const found = statSync(join(folder, kind, name), { throwIfNoEntry: false });
        return `${kind}/${name} ${found?.size} ${found?.mtimeMs}`;
      });
    }),
  );
  return sizes.flat().join('\n');
}

/** A sample with its transcripts and ratings. */
export async function withTexts(
  reader: RunReader,
  { eval: name, sample, cluster, trials }: SampleTrials,
): Promise<Pick<SampleView, 'eval' | 'sample' | 'cluster' | 'trials'>> {
  const read = trials.map(async ({ key, stage, epoch, status, matches }) => ({
    ...{ key, stage, epoch, status, matches },
    transcript: (await reader.transcript(key)) ?? null,
    ratings: await reader.ratingsOf(key),
  }));
  return { eval: name, sample, cluster, trials: await Promise.all(read) };
}

/** Names of a run for its card. */
export function cardOf({ name, createdAt, stages, evals }: Manifest) {
  return { name, createdAt, stages: stages.length, evals: evals.map(({ id }) => id) };
}

/** What pages need to know of a run before they ask for samples. */
export function summaryOf(manifest: Manifest, table: TrialColumns, version: number): WholeRun {
  return {
    name: manifest.name,
    source: manifest.origin.kind === 'import' ? manifest.origin.source : null,
    stages: manifest.stages.map(({ id, title = id, kind, from, model, ...known }) => {
      const { again, factors, replicateOf, identity, lineage } = known;
      const optional = { again, factors, replicateOf, identity, lineage };
      const there = Object.entries(optional).filter(([, value]) => value !== undefined);
      return { ...{ id, title, kind, from, model }, ...Object.fromEntries(there) };
    }),
    evals: manifest.evals.map(({ id }) => id),
    measures: manifest.evals.flatMap(({ measures }) =>
      measures.map(({ id, title, kind, range }) => ({ id, title, kind, range })),
    ),
    raters: manifest.raters.map(({ id, title, kind }) => ({ id, title: title ?? id, kind })),
    columns: table.columns.map(({ measure, rater }) => ({ measure, rater })),
    clusters: table.clusters,
    labels: table.labels,
    samples: table.samples.id.length,
    trials: table.trials.stage.length,
    version,
  };
}
