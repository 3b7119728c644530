import type { Rating, StageInfo, Transcript, TranscriptStatus } from '../core/index.ts';
import type { Contrast } from '../findings/index.ts';
import type { Document } from '../report/index.ts';
import type { SampleName } from './trials/list-query.ts';
import type { SampleAround } from './trials/lists.ts';
import type { TrialColumns } from './trials/table.ts';

/**
 * What the server of `stemma view` and its pages say to each other; an exported bundle holds the same. Types alone.
 */

/** A run in the list of runs. */
export interface RunCard {
  /** Its place in addresses. */
  readonly id: number;
  readonly name: string;
  readonly folder: string;
  readonly createdAt: string | null;
  readonly stages: number;
  readonly evals: readonly string[];
  /** Why it cannot be opened. */
  readonly problem?: string;
}

export interface ViewedRun {
  readonly name: string;
  readonly source: string | null;
  readonly stages: readonly (Pick<
    StageInfo,
    'id' | 'kind' | 'from' | 'model' | 'again' | 'factors' | 'replicateOf' | 'identity' | 'lineage'
  > & {
    readonly title: string;
  })[];
  readonly evals: readonly string[];
  readonly measures: readonly {
    readonly id: string;
    readonly title: string;
    readonly kind: 'rate' | 'score';
    readonly range: readonly [number, number];
  }[];
  readonly raters: readonly { readonly id: string; readonly title: string; readonly kind: string }[];
  /** Which rater rated which measure. */
  readonly columns: readonly { readonly measure: string; readonly rater: string }[];
  readonly clusters: readonly string[];
  readonly labels: readonly string[];
  /** `null` while the run is being read: columns, clusters and labels are then those of its first samples. */
  readonly samples: number | null;
  readonly trials: number | null;
  /** Changes whenever records were added. */
  readonly version: number;
}

/** A run of which everything was read. */
export interface WholeRun extends ViewedRun {
  readonly samples: number;
  readonly trials: number;
}

/** One sample with everything that was said and rated. */
export interface SampleView extends SampleName, Omit<SampleAround, 'sample'> {
  readonly cluster: string;
  readonly trials: readonly {
    readonly key: string;
    readonly stage: string;
    readonly epoch: number;
    readonly status: TranscriptStatus;
    readonly matches: boolean;
    /** `null` where the record is damaged or gone. */
    readonly transcript: Transcript | null;
    readonly ratings: readonly Rating[];
  }[];
}

/** The findings as the report shows them, and each comparison by itself. */
export interface FindingsView {
  readonly document: Document;
  readonly contrasts: readonly (Pick<Contrast, 'from' | 'to' | 'verdict' | 'words'> & {
    readonly measure: string;
    readonly rater: string;
    readonly title: string;
    /** Whether the rater is the one of the headlines, and the measure no control. */
    readonly headline: boolean;
  })[];
}

/** What a labeller's page asks for. `labeller`: empty where nobody said a name. */
export type LabelRequest =
  | {
      readonly do: 'open';
      readonly labeller: string;
      /** By default those that were begun. */
      readonly measures?: readonly string[];
      /** Wanted of each stage. */
      readonly labels?: number;
      /** Settle where the labellers differ. */
      readonly adjudicate?: boolean;
    }
  | {
      readonly do: 'answer';
      readonly labeller: string;
      /** The item that was on the screen: an answer to another one is refused. */
      readonly at: number;
      readonly given: { readonly label: string | null; readonly score: number | null } | 'skipped';
    }
  | { readonly do: 'undo'; readonly labeller: string }
  | { readonly do: 'close'; readonly labeller: string };

/** What a labeller sees: nothing that tells the stage, the model, or what anybody else said. */
export interface LabelScreen {
  readonly labeller: string;
  /** Of all measures together. */
  readonly done: number;
  readonly of: number;
  /** Counts through all measures. */
  readonly at: number;
  readonly notice: string | null;
  /** `null` when everything is labelled. */
  readonly item: {
    readonly title: string;
    readonly rubric: string;
    readonly criteria?: string;
    readonly sections: readonly { readonly title: string; readonly text: string }[];
    /** Answers with a key each; `null`: a number is typed. */
    readonly choices:
      | readonly {
          readonly key: string;
          readonly name: string;
          readonly answer: { readonly label: string | null; readonly score: number | null };
        }[]
      | null;
    readonly scale: string;
    /** For decisions: the answers that differ. */
    readonly differing?: readonly string[];
  } | null;
}

/** Where the labels of a run are. */
export interface LabelOverview {
  readonly measures: readonly {
    readonly id: string;
    readonly title: string;
    /** Trials that were picked; 0 where labelling was not begun. */
    readonly picked: number;
    readonly by: readonly { readonly labeller: string; readonly labelled: number }[];
  }[];
  readonly labellers: readonly string[];
}

/** A value as JSON holds it: arrays of numbers are plain, and `NaN` is `null`. */
type Plain<T> = T extends Float64Array
  ? readonly (number | null)[]
  : T extends Int32Array | Uint16Array | Uint8Array
    ? readonly number[]
    : T extends readonly (infer Each)[]
      ? readonly Plain<Each>[]
      : T extends object
        ? { readonly [Key in keyof T]: Plain<T[Key]> }
        : T;

/** What an exported bundle knows before it loads a sample. */
export interface BundleIndex {
  readonly summary: WholeRun;
  readonly findings: FindingsView;
  readonly table: Plain<TrialColumns>;
  /** Files with the samples, in the order of the table. */
  readonly chunks: readonly { readonly name: string; readonly digest: string; readonly samples: number }[];
  /** Whether texts were left out. */
  readonly labelsOnly: boolean;
}
