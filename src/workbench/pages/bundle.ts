import { SampleLists, type TextTest } from '../trials/lists.ts';
import { spokenText } from '../trials/samples.ts';
import type { TrialColumns } from '../trials/table.ts';
import type { BundleIndex, SampleView } from '../wire.ts';
import { sha256 } from './sha256.ts';
import { type PageSource, SourceProblem } from './source.ts';

const INDEX = 'data/index.js';
/** Chunks that are kept in memory. */
const KEPT = 12;

declare global {
  /** Texts that data scripts have handed over, by the script's name. */
  var stemmaData: Record<string, string> | undefined;
}

/** The data of an exported bundle; `null` on a page of a server. */
export function bundle(): PageSource | null {
  const text = globalThis.stemmaData?.[INDEX];
  if (text === undefined) return null;
  const index = JSON.parse(text) as BundleIndex;
  const chunks = new Chunks(index);
  const { name, stages, evals } = index.summary;
  const lists: SampleLists = new SampleLists(
    typed(index.table),
    (query) => query,
    (words) => chunks.textTest(words),
  );
  return {
    access: async () => ({ kind: 'all' }),
    runs: async () => [{ id: 0, name, folder: '', createdAt: null, stages: stages.length, evals }],
    summary: async () => index.summary,
    findings: async () => index.findings,
    samples: async (_, address, from, count) => lists.page(new URLSearchParams(address), from, count),
    async sample(_, address, wanted) {
      const found = lists.around(new URLSearchParams(address), wanted);
      if (found === null) throw new SourceProblem(`The run has no sample “${wanted.sample}”.`);
      const { sample, ...place } = found;
      const view = await chunks.sample(sample.eval, sample.sample);
      const matching = new Set(sample.trials.filter(({ matches }) => matches).map(({ key }) => key));
      const trials = view.trials.map((trial) => ({ ...trial, matches: matching.has(trial.key) }));
      return { ...view, ...place, trials };
    },
  };
}

/** The samples of a bundle, loaded as they are asked for and checked before they are used. */
class Chunks {
  readonly #index: BundleIndex;
  readonly #kept = new Map<number, readonly SampleView[]>();
  #words = '';
  #done = 0;
  #found = new Set<string>();

  constructor(index: BundleIndex) {
    this.#index = index;
  }

  async sample(evaluation: string, id: string): Promise<SampleView> {
    const { samples, evals } = this.#index.table;
    const at = samples.id.findIndex(
      (each, place) => each === id && evals[samples.eval[place]!] === evaluation,
    );
    let first = 0;
    for (const [chunk, { samples: held }] of this.#index.chunks.entries()) {
      if (at < first + held) return (await this.#chunk(chunk))[at - first]!;
      first += held;
    }
    throw new SourceProblem(`The bundle has no texts of “${id}”.`);
  }

  /** Reads all texts once for these words; says how far it is until then. */
  textTest(words: string): TextTest {
    if (this.#index.labelsOnly)
      throw new SourceProblem('This bundle was written without texts: there is nothing to search.');
    if (words !== this.#words) {
      this.#words = words;
      this.#done = 0;
      this.#found = new Set();
      void this.#search(words);
    }
    const { summary, chunks, table } = this.#index;
    if (this.#done < chunks.length)
      return { done: Math.floor((this.#done / chunks.length) * summary.trials), of: summary.trials };
    const sampleOf = samplesByTrial(table.samples.first);
    const found = this.#found;
    const { stages, evals, samples, trials } = table;
    return (trial) => {
      const sample = sampleOf(trial);
      const name = `${stages[trials.stage[trial]!]}/${evals[samples.eval[sample]!]}/${samples.id[sample]}#${trials.epoch[trial]}`;
      return found.has(name);
    };
  }

  async #search(words: string): Promise<void> {
    const wanted = words.toLocaleLowerCase();
    for (const chunk of this.#index.chunks.keys()) {
      const samples = await this.#chunk(chunk).catch(() => []);
      if (words !== this.#words) return;
      for (const { key, transcript } of samples.flatMap(({ trials }) => trials)) {
        if (transcript && spokenText(transcript).toLocaleLowerCase().includes(wanted)) this.#found.add(key);
      }
      this.#done = chunk + 1;
    }
  }

  async #chunk(at: number): Promise<readonly SampleView[]> {
    const kept = this.#kept.get(at);
    if (kept !== undefined) return kept;
    const { name, digest } = this.#index.chunks[at]!;
    const text = await scriptText(name);
    if (sha256(text) !== digest)
      throw new SourceProblem(
        `The file ${name} is damaged: its content is not what was exported.`,
        'Export the run again.',
      );
    const samples = JSON.parse(text) as SampleView[];
    this.#kept.set(at, samples);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return samples;
  }
}

/** Loads a data script and takes the text that it hands over. */
async function scriptText(name: string): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    const script = document.createElement('script');
    script.src = name;
    script.onload = () => resolve();
    script.onerror = () => reject(new SourceProblem(`The file ${name} is missing beside this page.`));
    document.head.append(script);
    script.remove();
  });
  const text = globalThis.stemmaData?.[name];
  if (text === undefined) throw new SourceProblem(`The file ${name} is damaged.`, 'Export the run again.');
  delete globalThis.stemmaData![name];
  return text;
}

function samplesByTrial(first: readonly number[]): (trial: number) => number {
  const of = new Int32Array(first.at(-1) ?? 0);
  for (let sample = 0; sample + 1 < first.length; sample++) of.fill(sample, first[sample], first[sample + 1]);
  return (trial) => of[trial]!;
}

function typed({ samples, trials, columns, ...rest }: BundleIndex['table']): TrialColumns {
  return {
    ...rest,
    samples: {
      id: samples.id,
      eval: Uint16Array.from(samples.eval),
      cluster: Int32Array.from(samples.cluster),
      first: Int32Array.from(samples.first),
    },
    trials: {
      stage: Uint16Array.from(trials.stage),
      epoch: Int32Array.from(trials.epoch),
      status: Uint8Array.from(trials.status),
    },
    columns: columns.map(({ measure, rater, value, label, status }) => ({
      ...{ measure, rater },
      value: Float64Array.from(value, (each) => each ?? Number.NaN),
      label: Int32Array.from(label),
      status: Uint8Array.from(status),
    })),
  };
}
