import type { TranscriptStatus } from '../../core/index.ts';
import type { TrialFilter } from './filter.ts';

/** What names a sample of a run. */
export interface SampleName {
  readonly eval: string;
  readonly sample: string;
}

/** A row of the list: a sample with all its trials, without texts. */
export interface SampleRow extends SampleName {
  readonly cluster: string;
  readonly change: number;
  /** Whose values the row holds; absent where the sample was not rated. */
  readonly measure?: string;
  readonly trials: readonly {
    /** Place of the stage in the summary. */
    readonly stage: number;
    readonly epoch: number;
    readonly status: TranscriptStatus;
    readonly matches: boolean;
    /** What the shown rater said on the shown measure; absent where it said nothing. */
    readonly value?: number | null;
    readonly label?: string;
  }[];
}

/** A part of the samples that pass a filter. */
export interface SamplePage {
  readonly total: number;
  readonly from: number;
  readonly rows: readonly SampleRow[];
  /** Set while the run is being read: these are its first samples, and it has more. */
  readonly reading?: true;
  /** Set while the index for text search is being built: rows come when it is complete. */
  readonly indexing?: { readonly done: number; readonly of: number };
}

/** A filter, and in which order its samples come. */
export interface ListQuery extends TrialFilter {
  /** `change`: the samples on which stages differ most come first. */
  readonly order?: 'change';
}

const LISTS = {
  evals: 'eval',
  stages: 'stage',
  measures: 'measure',
  raters: 'rater',
  labels: 'label',
  statuses: 'status',
  clusters: 'cluster',
  samples: 'sample',
} as const;

/**
 * A filter as it stands in an address. Keys that are not part of a filter are passed over.
 *
 * @example queryOf(new URLSearchParams('stage=sft&stage=rl&stages-differ=1')) // => { stages: ['sft', 'rl'], stagesDiffer: true }
 */
export function queryOf(parameters: URLSearchParams): ListQuery {
  const lists = Object.entries(LISTS).flatMap(([name, key]) => {
    const values = parameters.getAll(key);
    return values.length === 0 ? [] : [[name, values]];
  });
  const text = parameters.get('text');
  return {
    ...Object.fromEntries(lists),
    ...(text === null || text === '' ? {} : { text }),
    ...(parameters.get('stages-differ') === '1' ? { stagesDiffer: true } : {}),
    ...(parameters.get('raters-differ') === '1' ? { ratersDiffer: true } : {}),
    ...(parameters.get('order') === 'change' ? { order: 'change' } : {}),
    ...betweenOf(parameters.get('between')),
  };
}

/** The two stages of `FROM~TO`. Ids of stages hold no `~`. */
function betweenOf(text: string | null): Pick<ListQuery, 'between'> {
  const [from, to] = text?.split('~') ?? [];
  return from && to ? { between: [from, to] } : {};
}
