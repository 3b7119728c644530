import { join, resolve } from 'node:path';
import type { OpenedTrials, TrialId } from '../core/index.ts';
import { makePlainFolder, type Shard } from '../records/index.ts';
import type { EvalEntry } from '../study/index.ts';
import type { ElicitJob, Job } from './jobs.ts';
import type { StageWorker } from './workers.ts';

interface EvalsOpening {
  /** The run folder. */
  readonly folder: string;
  readonly entries: readonly EvalEntry[];
  readonly stages: readonly StageWorker[];
  readonly shard: Shard | null;
  readonly signal: AbortSignal;
}

/** The evals of a session whose trials another program does: ready to be asked, by stage. Closing it ends these programs. */
export class OpenedEvals implements AsyncDisposable {
  readonly #opening: EvalsOpening;
  readonly #opened = new Map<string, OpenedTrials>();

  constructor(opening: EvalsOpening) {
    this.#opening = opening;
  }

  /** Makes them ready for the trials of these jobs, and ends what was open before. */
  async open(jobs: () => Iterable<Job>): Promise<void> {
    await this.#close();
    const { entries, stages, signal } = this.#opening;
    const others = entries.filter(({ eval: { open } }) => open !== undefined);
    if (others.length === 0) return;
    const trials = new Map<string, ElicitJob[]>();
    for (const job of jobs()) {
      if (job.kind !== 'elicit' || !others.some(({ id }) => id === job.trial.eval)) continue;
      const name = nameOf(job.trial);
      const list = trials.get(name);
      if (list === undefined) trials.set(name, [job]);
      else list.push(job);
    }
    for (const [name, list] of trials) {
      const { stage: stageId, eval: evalId } = list[0]!.trial;
      const stage = stages.find(({ id }) => id === stageId)!;
      const { eval: evaluation } = others.find(({ id }) => id === evalId)!;
      const batch = {
        stage: stageId,
        eval: evalId,
        trials: list.map(({ trial: { sample, epoch }, attempt }) => ({ sample, epoch, attempt })),
        sampling: stage.sampling,
        concurrency: stage.semaphore.size,
        folder: this.#folderOf(evaluation.name, evalId),
        signal,
      };
      this.#opened.set(name, evaluation.open!(batch, stage.model));
    }
  }

  of(trial: TrialId): OpenedTrials | undefined {
    return this.#opened.get(nameOf(trial));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  async #close(): Promise<void> {
    const opened = [...this.#opened.values()];
    this.#opened.clear();
    await Promise.all(opened.map((one) => one[Symbol.asyncDispose]()));
  }

  /** A link in a run folder is not followed. */
  #folderOf(name: string, evalId: string): string {
    const { folder, shard } = this.#opening;
    const part = shard === null ? [] : [`part-${shard.k}-of-${shard.of}`];
    // These programs may work in another folder.
    let path = resolve(folder);
    for (const step of [name, evalId, ...part]) {
      path = join(path, step);
      makePlainFolder(path);
    }
    return path;
  }
}

function nameOf({ stage, eval: name }: Pick<TrialId, 'stage' | 'eval'>): string {
  return `${stage}/${name}`;
}
