import type { TranscriptStatus, TrialId } from '../../core/index.ts';
import { keptIn } from '../../core/kept-in.ts';
import {
  type GivenValue,
  RATING_STATUSES,
  TRIAL_STATUSES,
  type TrialColumns,
  trialAt,
  type ValueColumn,
} from './table.ts';

/** A trial and its place, without texts, as a table takes it. */
interface TrialEntry extends TrialId {
  readonly status: TranscriptStatus;
  readonly cluster: string;
}

/** What a table is made of. Trials of other stages and evals are left out. */
interface TableNames {
  /** In training order. */
  readonly stages: readonly string[];
  /** In the order of the study. */
  readonly evals: readonly string[];
}

/** Takes the trials of a table one by one, in any order. A million trials: numbers side by side, not objects. */
export class TrialTableMaker {
  readonly #names: TableNames;
  readonly #stageOf: ReadonlyMap<string, number>;
  readonly #evalOf: ReadonlyMap<string, number>;
  readonly #clusters = new NameList();
  /** By eval: the number of each sample, in the order in which they came. */
  readonly #sampleOf: readonly Map<string, number>[];
  readonly #ids: string[] = [];
  readonly #evals: number[] = [];
  readonly #clusterOf: number[] = [];
  readonly #sample: number[] = [];
  readonly #stage: number[] = [];
  readonly #epoch: number[] = [];
  readonly #status: number[] = [];

  constructor(names: TableNames) {
    this.#names = names;
    this.#stageOf = indexOf(names.stages);
    this.#evalOf = indexOf(names.evals);
    this.#sampleOf = names.evals.map(() => new Map());
  }

  take({ stage, eval: name, sample, epoch, status, cluster }: TrialEntry): void {
    const [stageAt, evalAt] = [this.#stageOf.get(stage), this.#evalOf.get(name)];
    if (stageAt === undefined || evalAt === undefined) return;
    let at = this.#sampleOf[evalAt]!.get(sample);
    if (at === undefined) {
      at = this.#ids.push(sample) - 1;
      this.#evals.push(evalAt);
      this.#clusterOf.push(this.#clusters.at(cluster));
      this.#sampleOf[evalAt]!.set(sample, at);
    }
    this.#sample.push(at);
    this.#stage.push(stageAt);
    this.#epoch.push(epoch);
    this.#status.push(TRIAL_STATUSES.indexOf(status));
  }

  /** The table of what was taken, which has no ratings yet. */
  finish(): TableInTheMaking {
    const [ids, evals] = [this.#ids, this.#evals];
    const sorted = ids
      .map((_, at) => at)
      .sort((a, b) => evals[a]! - evals[b]! || (ids[a]! < ids[b]! ? -1 : ids[a]! > ids[b]! ? 1 : 0));
    const rank = new Int32Array(ids.length);
    for (const [place, at] of sorted.entries()) rank[at] = place;
    const first = new Int32Array(ids.length + 1);
    for (const sample of this.#sample) first[rank[sample]! + 1]!++;
    for (let at = 0; at < ids.length; at++) first[at + 1]! += first[at]!;
    const order = this.#placesInOrder(rank, first);
    const table = {
      stages: this.#names.stages,
      evals: this.#names.evals,
      clusters: this.#clusters.list,
      labels: [],
      samples: {
        id: sorted.map((at) => ids[at]!),
        eval: Uint16Array.from(sorted, (at) => evals[at]!),
        cluster: Int32Array.from(sorted, (at) => this.#clusterOf[at]!),
        first,
      },
      trials: {
        stage: Uint16Array.from(order, (at) => this.#stage[at]!),
        epoch: Int32Array.from(order, (at) => this.#epoch[at]!),
        status: Uint8Array.from(order, (at) => this.#status[at]!),
      },
      columns: [],
    };
    return new TableInTheMaking(table, ({ stage, eval: name, sample, epoch }) => {
      const at = this.#sampleOf[this.#evalOf.get(name) ?? -1]?.get(sample);
      const stageAt = this.#stageOf.get(stage);
      return at === undefined || stageAt === undefined ? -1 : trialAt(table, rank[at]!, stageAt, epoch);
    });
  }

  /** The trials by sample, then by stage and epoch. @param first where the trials of each sample begin, by rank */
  #placesInOrder(rank: Int32Array, first: Int32Array): Int32Array {
    const [stage, epoch] = [this.#stage, this.#epoch];
    const next = first.slice();
    const places = new Int32Array(this.#sample.length);
    for (const [at, sample] of this.#sample.entries()) places[next[rank[sample]!]!++] = at;
    for (let own = 0; own + 1 < first.length; own++)
      places
        .subarray(first[own], first[own + 1])
        .sort((a, b) => stage[a]! - stage[b]! || epoch[a]! - epoch[b]!);
    return places;
  }
}

/** A table of trials that ratings can be added to. */
class TableInTheMaking {
  readonly table: TrialColumns;
  /** The place of a trial; -1 where the table does not have it. */
  readonly placeOf: (trial: TrialId) => number;
  readonly #columns: ValueColumn[] = [];
  readonly #labels = new NameList();
  readonly #columnOf = new Map<string, ValueColumn>();

  constructor(table: TrialColumns, placeOf: (trial: TrialId) => number) {
    this.table = { ...table, columns: this.#columns, labels: this.#labels.list };
    this.placeOf = placeOf;
  }

  /** Adds a rating of the trial at this place. */
  add(at: number, { measure, rater, value, label, status }: GivenValue): void {
    const name = `${measure}\n${rater}`;
    let column = this.#columnOf.get(name);
    if (column === undefined) {
      const { length } = this.table.trials.stage;
      column = {
        measure,
        rater,
        value: new Float64Array(length).fill(Number.NaN),
        label: new Int32Array(length).fill(-1),
        status: new Uint8Array(length),
      };
      this.#columnOf.set(name, column);
      this.#columns.push(column);
    }
    column.value[at] = value ?? Number.NaN;
    column.label[at] = label === null || label === undefined ? -1 : this.#labels.at(label);
    column.status[at] = RATING_STATUSES.indexOf(status) + 1;
  }
}

/** Names by the order in which they come. */
class NameList {
  readonly list: string[] = [];
  readonly #places = new Map<string, number>();

  at(name: string): number {
    return keptIn(this.#places, name, () => this.list.push(name) - 1);
  }
}

function indexOf(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, at) => [name, at]));
}
