import { setImmediate } from 'node:timers/promises';
import { parseTrialKey, type Transcript, type TrialKey } from '../../core/index.ts';
import type { RunReader, TrialRow } from '../../records/index.ts';
import type { TrialFilter } from './filter.ts';
import { TrialTableMaker } from './make-table.ts';
import { type SampleTrials, sampleAt, trialsOf } from './sample-at.ts';
import { type SampleSelection, select, type TrialColumns } from './table.ts';

/**
 * The samples that pass a filter, in the order of the evals and of the sample ids. Texts are not read, unless the filter
 * looks for one.
 */
export async function findSamples(reader: RunReader, filter: TrialFilter): Promise<SampleTrials[]> {
  const table = await readTrialTable(reader);
  const selection = select(table, filter);
  const found =
    filter.text === undefined
      ? selection
      : select(table, filter, await textTest(reader, table, selection, filter.text));
  return [...found.samples].map((_, place) => sampleAt(table, found, place));
}

/** Rows that are taken at once: other questions wait for some milliseconds. */
const AT_ONCE = 2_000;

/** The trials and ratings of a run as one table. Whatever else the process has to do comes in between. */
export async function readTrialTable(reader: RunReader): Promise<TrialColumns> {
  const maker = new TrialTableMaker(namesOf(reader));
  let taken = 0;
  for (const row of reader.trials()) {
    maker.take(row);
    if (++taken % AT_ONCE === 0) await setImmediate();
  }
  const made = maker.finish();
  // The ratings of a trial mostly follow each other.
  let last = { key: '', at: -1 };
  for await (const batch of reader.ratingBatches()) {
    for (const rating of batch) {
      if (rating.key !== last.key) last = { key: rating.key, at: made.placeOf(parseTrialKey(rating.key)) };
      if (last.at >= 0) made.add(last.at, rating);
    }
    await setImmediate();
  }
  return made.table;
}

/**
 * Characters with which the order of the keys may not be that of the ids. In a key, a `#` follows the id, so the order changes at
 * characters up to `#`. SQLite compares bytes of UTF-8, so it changes at characters above U+D7FF.
 */
const OUT_OF_ORDER = /[^$-\ud7ff]/;

/**
 * The samples that the table of a run begins with, which takes no longer in a large run than in a small one.
 *
 * @returns null where they cannot be told without reading the whole run
 */
export async function readFirstSamples(reader: RunReader, most: number): Promise<TrialColumns | null> {
  const names = namesOf(reader);
  const maker = new TrialTableMaker(names);
  const keys: TrialKey[] = [];
  let samples = 0;
  for (const name of names.evals) {
    const stages = names.stages.map((stage) => new Ahead(reader.trials({ stage, eval: name })));
    for (;;) {
      const ids = stages.flatMap(({ next }) => next?.sample ?? []);
      if (ids.some((id) => OUT_OF_ORDER.test(id))) return null;
      if (ids.length === 0 || samples === most) break;
      const sample = ids.sort()[0]!;
      for (const stage of stages) {
        for (; stage.next?.sample === sample; stage.advance()) {
          maker.take(stage.next);
          keys.push(stage.next.key);
        }
      }
      samples++;
    }
    if (samples === most) break;
  }
  const made = maker.finish();
  for (const rating of await reader.ratingsOf(...keys))
    made.add(made.placeOf(parseTrialKey(rating.key)), rating);
  return made.table;
}

/** Reads rows one ahead. */
class Ahead {
  next: TrialRow | undefined;
  readonly #rows: Iterator<TrialRow>;

  constructor(rows: Iterable<TrialRow>) {
    this.#rows = rows[Symbol.iterator]();
    this.advance();
  }

  advance(): void {
    this.next = this.#rows.next().value;
  }
}

function namesOf({ manifest }: RunReader) {
  return { stages: manifest.stages.map(({ id }) => id), evals: manifest.evals.map(({ id }) => id) };
}

/** The texts of a sample's trials, by key. */
export async function transcriptsOf(
  reader: RunReader,
  { trials }: Pick<SampleTrials, 'trials'>,
): Promise<ReadonlyMap<TrialKey, Transcript>> {
  const read = await Promise.all(trials.map(async ({ key }) => [key, await reader.transcript(key)] as const));
  return new Map(read.flatMap(([key, transcript]) => (transcript === undefined ? [] : [[key, transcript]])));
}

/** Which trials of the selected samples have a text in their prompt, thoughts or response, in any case. */
async function textTest(
  reader: RunReader,
  table: TrialColumns,
  selection: SampleSelection,
  text: string,
): Promise<(trial: number) => boolean> {
  const wanted = text.toLocaleLowerCase();
  const found = new Set<number>();
  for (const [place, sample] of selection.samples.entries()) {
    const keys = sampleAt(table, selection, place).trials.map(({ key }) => key);
    for (const [position, trial] of trialsOf(table, sample).entries()) {
      const transcript = await reader.transcript(keys[position]!);
      if (transcript && spokenText(transcript).toLocaleLowerCase().includes(wanted)) found.add(trial);
    }
  }
  return (trial) => found.has(trial);
}

/** Everything that was said in a trial: what a search for text looks through. */
export function spokenText({ input, output, thoughts, response }: Transcript): string {
  const turns = [...input, ...output].flatMap((message) => [
    message.content,
    message.role === 'assistant' ? (message.thoughts ?? '') : '',
  ]);
  return [...turns, thoughts ?? '', response ?? ''].join('\n');
}
