import { parseTrialKey, type Transcript, type TrialKey } from '../../core/index.ts';
import type { RunReader } from '../../records/index.ts';
import type { TrialFilter } from './filter.ts';
import { type SampleTrials, sampleAt, trialsOf } from './sample-at.ts';
import { type SampleSelection, select, type TrialColumns, tableOfTrials } from './table.ts';

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

/** The trials and ratings of a run as one table. */
export async function readTrialTable(reader: RunReader): Promise<TrialColumns> {
  const { stages, evals } = reader.manifest;
  const order = { stages: stages.map(({ id }) => id), evals: evals.map(({ id }) => id) };
  const { table, placeOf, add } = tableOfTrials(order, reader.trials());
  // The ratings of a trial mostly follow each other.
  let last = { key: '', at: -1 };
  for await (const batch of reader.ratingBatches()) {
    for (const rating of batch) {
      if (rating.key !== last.key) last = { key: rating.key, at: placeOf(parseTrialKey(rating.key)) };
      if (last.at >= 0) add(last.at, rating);
    }
  }
  return table;
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
