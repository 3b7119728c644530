import { type ListQuery, queryOf, type SampleName, type SamplePage, type SampleRow } from './list-query.ts';
import { type SampleTrials, sampleAt } from './sample-at.ts';
import { labelOf, type SampleSelection, select, type TrialColumns } from './table.ts';

/** Rows of a list that are given at once, at most. */
const MOST_ROWS = 500;
/** Selections that are kept, so that scrolling does not filter again. */
const KEPT = 8;

/** Which trials have the words that are looked for, or how far the reading of all texts is. */
export type TextTest = ((trial: number) => boolean) | { readonly done: number; readonly of: number };

/** What of a list surrounds a sample. */
export interface SampleAround {
  readonly sample: SampleTrials;
  /** Its place among the samples that pass the filter, and how many do; -1 where it does not pass. */
  readonly place: number;
  readonly total: number;
  readonly before: SampleName | null;
  readonly after: SampleName | null;
}

/**
 * Lists of the samples of one table, as addresses ask for them. It uses nothing that a browser lacks: an exported bundle lists
 * with the same code as the server.
 */
export class SampleLists {
  readonly table: TrialColumns;
  readonly #checked: (query: ListQuery) => ListQuery;
  readonly #hasText: (text: string) => TextTest;
  readonly #kept = new Map<string, SampleSelection>();

  /**
   * @param checked gives a query with full names, or throws where the run does not have one
   * @param hasText says which trials have a text
   */
  constructor(
    table: TrialColumns,
    checked: (query: ListQuery) => ListQuery,
    hasText: (text: string) => TextTest,
  ) {
    this.table = table;
    this.#checked = checked;
    this.#hasText = hasText;
  }

  /**
   * A part of the samples of an address. `show=MEASURE~RATER` says whose values the rows hold; by default each row holds those of
   * the first measure and rater that it has.
   */
  page(parameters: URLSearchParams, from: number, count: number): SamplePage {
    const selection = this.#selection(parameters);
    if (!('samples' in selection)) return { total: 0, from, rows: [], indexing: selection };
    const shown = parameters.get('show');
    const column = selection.columns.find(({ measure, rater }) => `${measure}~${rater}` === shown);
    const places = range(from, Math.min(from + Math.min(count, MOST_ROWS), selection.samples.length));
    return {
      total: selection.samples.length,
      from,
      rows: places.map((place) => this.#row(sampleAt(this.table, selection, place), column)),
    };
  }

  /** A sample and its neighbours in the list of an address; `null` where the table does not have it. */
  around(parameters: URLSearchParams, name: SampleName): SampleAround | null {
    const found = this.#selection(parameters);
    const { samples, evals } = this.table;
    const selection = 'samples' in found ? found : select(this.table, {});
    const nameAt = (at: number) => ({ eval: evals[samples.eval[at]!]!, sample: samples.id[at]! });
    const place = selection.samples.findIndex(
      (at) => samples.id[at] === name.sample && evals[samples.eval[at]!] === name.eval,
    );
    const own = place >= 0 ? selection : select(this.table, { evals: [name.eval], samples: [name.sample] });
    if (own.samples.length === 0) return null;
    const neighbour = (at: number) => {
      const other = place < 0 ? undefined : selection.samples[at];
      return other === undefined ? null : nameAt(other);
    };
    return {
      sample: sampleAt(this.table, own, Math.max(0, place)),
      place,
      total: selection.samples.length,
      before: neighbour(place - 1),
      after: neighbour(place + 1),
    };
  }

  #row(
    { trials, ...sample }: SampleTrials,
    shown: SampleSelection['columns'][number] | undefined,
  ): SampleRow {
    const column = shown ?? trials.flatMap(({ ratings }) => ratings)[0];
    return {
      ...sample,
      ...(column === undefined ? {} : { measure: column.measure }),
      trials: trials.map(({ stage, epoch, status, matches, ratings }) => {
        const rating = ratings.find(
          ({ measure, rater }) => measure === column?.measure && rater === column.rater,
        );
        return {
          stage: this.table.stages.indexOf(stage),
          epoch,
          status,
          matches,
          ...(rating === undefined ? {} : { value: rating.value, label: labelOf(rating) }),
        };
      }),
    };
  }

  #selection(parameters: URLSearchParams): SampleSelection | { done: number; of: number } {
    const { order, ...filter } = this.#checked(queryOf(parameters));
    const name = JSON.stringify({ order, ...filter });
    const kept = this.#kept.get(name);
    if (kept !== undefined) return kept;
    const hasText = filter.text === undefined ? undefined : this.#hasText(filter.text);
    if (typeof hasText === 'object') return hasText;
    const selected = select(this.table, filter, hasText);
    const selection = order === 'change' ? byChange(selected) : selected;
    this.#kept.set(name, selection);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return selection;
  }
}

function byChange(selection: SampleSelection): SampleSelection {
  const order = range(0, selection.samples.length).sort(
    (a, b) => selection.changes[b]! - selection.changes[a]! || a - b,
  );
  return {
    ...selection,
    samples: Int32Array.from(order, (place) => selection.samples[place]!),
    changes: Float64Array.from(order, (place) => selection.changes[place]!),
  };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
}
