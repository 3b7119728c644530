import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, type Manifest } from '../../core/index.ts';
import { openRun, type RunReader } from '../../records/index.ts';
import {
  checkedFilter,
  placeOfTrial,
  readTrialTable,
  SampleLists,
  type SampleTrials,
  type TextTest,
  type TrialColumns,
} from '../trials/index.ts';
import type { SampleName, SamplePage } from '../trials/list-query.ts';
import type { SampleView, ViewedRun } from '../wire.ts';
import { TextIndex } from './text-index.ts';

/**
 * A run as its pages ask for it: a summary, lists of samples, single samples. It reads the run folder and writes nothing into
 * it. One process holds one of these, apart from the server, so that a long filter does not stop the others' pages.
 */
export class RunData implements Disposable {
  #reader: RunReader;
  #lists: SampleLists;
  #version = 1;
  #sizes: string;
  #texts: TextIndex | null = null;

  private constructor(reader: RunReader, table: TrialColumns, sizes: string) {
    this.#reader = reader;
    this.#lists = this.#newLists(table);
    this.#sizes = sizes;
  }

  /** @throws RecordsError when the folder is not a run folder */
  static async open(folder: string): Promise<RunData> {
    const reader = await openRun(folder);
    const sizes = await segmentSizes(folder);
    return new RunData(reader, await readTrialTable(reader), sizes);
  }

  /** Takes in what was recorded since. @returns the version, which changed if anything was */
  async refresh(): Promise<number> {
    const sizes = await segmentSizes(this.#reader.folder);
    if (sizes === this.#sizes) return this.#version;
    this.#sizes = sizes;
    // Opened anew, because the manifest grows too: a new labeller, a new stage.
    const before = this.#reader;
    this.#reader = await openRun(before.folder);
    before.close();
    this.#lists = this.#newLists(await readTrialTable(this.#reader));
    this.#texts?.[Symbol.dispose]();
    this.#texts = null;
    return ++this.#version;
  }

  summary(): ViewedRun {
    return summaryOf(this.#reader.manifest, this.#lists.table, this.#version);
  }

  /**
   * A part of the samples that pass the filter of an address.
   *
   * @throws InputError for names that the run does not have
   */
  samples(address: string, from: number, count: number): SamplePage {
    return this.#lists.page(new URLSearchParams(address), from, count);
  }

  /** One sample with its texts and ratings, and its neighbours in the list of an address. */
  async sample(address: string, name: SampleName): Promise<SampleView> {
    const found = this.#lists.around(new URLSearchParams(address), name);
    if (found === null) throw new InputError(`the run has no sample "${name.sample}" of ${name.eval}`);
    const { sample, ...place } = found;
    return { ...place, ...(await withTexts(this.#reader, sample)) };
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
    if (this.#texts === null) {
      this.#texts = new TextIndex();
      void this.#texts.build(this.#reader, table.trials.stage.length).catch(() => {});
    }
    const { progress } = this.#texts;
    if (progress !== null) return progress;
    const found = new Uint8Array(table.trials.stage.length);
    const placeOf = placeOfTrial(table);
    for (const key of this.#texts.search(text)) {
      const at = placeOf(key);
      if (at >= 0) found[at] = 1;
    }
    return (trial) => found[trial] === 1;
  }

  [Symbol.dispose](): void {
    this.#texts?.[Symbol.dispose]();
    this.#reader.close();
  }
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
export function summaryOf(manifest: Manifest, table: TrialColumns, version: number): ViewedRun {
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
