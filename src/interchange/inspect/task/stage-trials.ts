import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { outputTail, startWatched, type WatchedProcess } from '../../../checkpoints/index.ts';
import { knownOnly } from '../../../core/defined-only.ts';
import {
  digestOf,
  InputError,
  type Model,
  ModelError,
  type OpenedTrials,
  type Sample,
  StemmaError,
  sampleDigest,
  type Transcript,
  type TrialBatch,
  type TrialContext,
  type TrialId,
  trialKey,
  trialSeed,
} from '../../../core/index.ts';
import { serveOpenAi } from '../../../models/index.ts';
import type { ReadSample } from '../sample.ts';
import { endEarlierTask, pythonOf, RUN_TASK, taskSpec } from './describe-task.ts';
import { stateOfScores } from './kept-scores.ts';
import { LogFollower } from './log-follower.ts';
import type { TaskOptions } from './options.ts';

/** What is to be asked of one stage, and with what. */
interface StageWork extends TrialBatch {
  readonly options: TaskOptions;
  /** Where the study is. */
  readonly studyFolder: string;
}

/** Trials of one epoch and attempt: one log of Inspect. */
interface EpochLog {
  readonly epoch: number;
  readonly attempt: number;
  /** In the order in which they will be asked for. */
  readonly samples: readonly string[];
  readonly folder: string;
}

/** Somebody waits for a trial. */
interface Waiting {
  readonly resolve: (read: ReadSample) => void;
  readonly reject: (error: unknown) => void;
}

/** Asked to end, Inspect writes what is finished into its log and ends its sandboxes; run_task.py has the same. */
const GRACE_MS = 20_000;
const LOOK_MS = 300;
/** Logs become large, so they are read for so small a part of the time at most. */
const READING_SHARE = 0.1;

/**
 * The trials of one stage, done by one process of Inspect: all that are missing, one log for each epoch and attempt, in the run
 * folder. The stage is offered to it on a port of the loopback interface, behind a key of its own, so that the stage's limits,
 * retries, templates and keys stay with stemma. Samples that are in logs of an earlier process are not asked again.
 */
export class StageTrials implements OpenedTrials {
  readonly #work: StageWork;
  readonly #subject: Model;
  readonly #parts: readonly EpochLog[];
  readonly #followers: readonly { readonly part: EpochLog; readonly follower: LogFollower }[];
  /** Samples that Inspect has finished and nobody has asked for yet, by sample, epoch and attempt. */
  readonly #finished = new Map<string, ReadSample>();
  readonly #arrivedNames = new Set<string>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #ended = new AbortController();
  #running: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;
  #process: WatchedProcess | null = null;

  constructor(work: StageWork, subject: Model) {
    this.#work = work;
    this.#subject = subject;
    this.#parts = partsOf(work);
    this.#followers = this.#parts.map((part) => ({
      part,
      follower: new LogFollower(part.folder, `openai-api/stemma/${work.stage}`),
    }));
    work.signal.addEventListener(
      'abort',
      () => this.#fail(new ModelError('cancelled', 'Inspect was stopped')),
      {
        once: true,
      },
    );
  }

  /** The process that works for this stage holds it locked as long as it lives. */
  get #lock(): string {
    return join(this.#work.folder, `${this.#work.stage}.lock`);
  }

  async elicit(sample: Sample, context: TrialContext): Promise<Transcript> {
    const { trial, attempt } = context;
    const name = nameOf({ epoch: trial.epoch, attempt }, trial.sample);
    this.#running ??= this.#run().catch((error: unknown) => this.#fail(error));
    const read = await this.#take(name);
    return transcriptOf(read, sample, context, epochSeed(this.#work, trial.epoch));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#fail(new ModelError('cancelled', 'Inspect was stopped'));
    await this.#process?.[Symbol.asyncDispose]();
    await this.#running;
  }

  async #take(name: string): Promise<ReadSample> {
    const found = this.#finished.get(name);
    if (found !== undefined) {
      this.#finished.delete(name);
      return found;
    }
    if (this.#failure !== null) throw this.#failure.error;
    return await new Promise<ReadSample>((resolve, reject) => this.#waiting.set(name, { resolve, reject }));
  }

  /** Nothing that is waited for will come any more. */
  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#ended.abort();
    for (const { reject } of this.#waiting.values()) reject(this.#failure.error);
    this.#waiting.clear();
  }

  async #run(): Promise<void> {
    const { options, studyFolder, signal } = this.#work;
    await endEarlierTask(this.#lock, { options, folder: studyFolder, signal });
    await this.#look({ torn: true, earlier: true });
    const missing = this.#parts.flatMap((part) => {
      const samples = part.samples.filter((sample) => !this.#isThere(part, sample));
      return samples.length === 0 ? [] : [{ ...part, samples }];
    });
    if (missing.length === 0 || this.#ended.signal.aborted) return;
    const key = randomBytes(24).toString('hex');
    await using server = await serveOpenAi(new Map([[this.#work.stage, this.#offered()]]), { key });
    const log = join(this.#work.folder, `${this.#work.stage}.log`);
    const watched = this.#start(missing, { log, address: server.url, key });
    this.#process = watched;
    if (this.#ended.signal.aborted) await watched[Symbol.asyncDispose]();
    const code = await this.#follow(watched);
    if (this.#ended.signal.aborted) return;
    if (code !== 0) throw endedEarly(code, this.#work.stage, log);
    await this.#look({ torn: false, earlier: false });
    this.#fail(
      new StemmaError(`Inspect has ended, and its logs lack samples of the stage "${this.#work.stage}"`, {
        place: { file: log },
      }),
    );
  }

  /** Takes what is in the logs until the process has ended. @returns its exit code */
  async #follow(watched: WatchedProcess): Promise<number> {
    let code: number | null = null;
    const exited = watched.exited.then((exit) => {
      code = exit;
    });
    while (code === null) {
      const began = performance.now();
      await this.#look({ torn: true, earlier: false });
      const pause = Math.max(LOOK_MS, (performance.now() - began) * (1 / READING_SHARE - 1));
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([exited, new Promise((resolve) => (timer = setTimeout(resolve, pause)))]);
      clearTimeout(timer);
    }
    await this.#look({ torn: true, earlier: false });
    return code;
  }

  /** @param earlier whether the logs are those of an earlier process, whose errors may come from its end: they do not count */
  async #look({ torn, earlier }: { readonly torn: boolean; readonly earlier: boolean }): Promise<void> {
    for (const { part, follower } of this.#followers) {
      for await (const read of follower.samples(torn)) {
        if (this.#ended.signal.aborted) return;
        if (!(earlier && read.failed)) this.#arrived(nameOf(part, read.sample.id), read);
      }
    }
  }

  #arrived(name: string, read: ReadSample): void {
    if (this.#arrivedNames.has(name)) return;
    this.#arrivedNames.add(name);
    const waiting = this.#waiting.get(name);
    if (waiting === undefined) {
      this.#finished.set(name, read);
      return;
    }
    this.#waiting.delete(name);
    waiting.resolve(read);
  }

  #isThere(part: EpochLog, sample: string): boolean {
    return this.#arrivedNames.has(nameOf(part, sample));
  }

  #start(
    parts: readonly EpochLog[],
    { log, address, key }: { readonly log: string; readonly address: string; readonly key: string },
  ): WatchedProcess {
    const { options, studyFolder, stage, sampling, concurrency, folder } = this.#work;
    mkdirSync(folder, { recursive: true });
    const request = join(folder, `${stage}.json`);
    const { temperature, topP, maxTokens, stop } = sampling;
    writeFileSync(
      request,
      JSON.stringify({
        task: taskSpec(options.task, studyFolder),
        args: options.args,
        lock: this.#lock,
        model: stage,
        model_roles: options.model_roles,
        at_once: concurrency,
        sampling: knownOnly({ temperature, top_p: topP, max_tokens: maxTokens, stop_seqs: stop }),
        limits: knownOnly({
          message_limit: options.message_limit,
          token_limit: options.token_limit,
          time_limit: options.time_limit,
        }),
        parts: parts.map(({ epoch, attempt, samples, folder: log_dir }) => ({
          epoch,
          attempt,
          samples,
          log_dir,
          seed: epochSeed(this.#work, epoch),
        })),
      }),
    );
    const file = openSync(log, 'a');
    try {
      return startWatched([pythonOf(options.python, studyFolder), RUN_TASK, 'run', request], {
        env: { ...process.env, STEMMA_BASE_URL: address, STEMMA_API_KEY: key },
        log: file,
        cwd: studyFolder,
        graceMs: GRACE_MS,
      });
    } finally {
      closeSync(file);
    }
  }

  /** The stage as Inspect is to see it: what failed after stemma's own tries is not tried again, and what is fatal ends the run. */
  #offered(): Model {
    const { signal } = this.#work;
    return {
      ref: this.#subject.ref,
      generate: async (request, gone) => {
        try {
          return await this.#subject.generate(request, AbortSignal.any([signal, gone]));
        } catch (error) {
          if (error instanceof ModelError && !error.fatal) {
            throw new ModelError('rejected', `${error.kind}: ${error.message}`, { cause: error });
          }
          this.#fail(error);
          throw error;
        }
      },
    };
  }
}

/** The trials by epoch and attempt, the epochs in order. */
function partsOf({ trials, folder, stage }: StageWork): EpochLog[] {
  const parts = new Map<string, { epoch: number; attempt: number; samples: string[]; folder: string }>();
  for (const { sample, epoch, attempt } of trials) {
    const name = `epoch-${epoch}${attempt === 1 ? '' : `-attempt-${attempt}`}`;
    const part = parts.get(name) ?? { epoch, attempt, samples: [], folder: join(folder, stage, name) };
    parts.set(name, part);
    part.samples.push(sample);
  }
  return [...parts.values()].sort((a, b) => a.epoch - b.epoch || a.attempt - b.attempt);
}

function nameOf({ epoch, attempt }: Pick<EpochLog, 'epoch' | 'attempt'>, sample: string): string {
  return `${epoch} ${attempt} ${sample}`;
}

/** Inspect takes one seed a log: samples differ in what is asked, and epochs in their seed. The stage is left out of it. */
function epochSeed({ sampling: { seed }, eval: name }: TrialBatch, epoch: number): number | null {
  return seed === null ? null : trialSeed(seed, { eval: name, sample: '', epoch });
}

function transcriptOf(
  read: ReadSample,
  sample: Sample,
  { trial, attempt, samplingDigest }: TrialContext,
  seed: number | null,
): Transcript {
  refuseOtherSample(read.sample, sample, trial);
  const { key, trial: id, status, ...rest } = read.transcript({ trial, samplingDigest, seed });
  const scores = read.scores.map(({ status: _, ...score }) => score);
  return {
    key,
    trial: id,
    ...rest,
    attempt,
    status,
    cluster: sample.cluster,
    digests: { sample: sampleDigest(sample), sampling: samplingDigest },
    state: stateOfScores(scores),
  };
}

/** A task that draws or shuffles its samples anew at each loading asks each stage other things. */
function refuseOtherSample(read: Sample, { id, input, metadata }: Sample, trial: TrialId): void {
  const asked = (one: Pick<Sample, 'input' | 'metadata'>) =>
    digestOf({ input: one.input, metadata: one.metadata });
  if (asked(read) === asked({ input, metadata })) return;
  throw new InputError(
    `the Inspect task has another text for the sample "${id}" than when the run was planned`,
    {
      place: { trial: trialKey(trial) },
      remedy:
        'Each loading of a task must give the same samples: seed what it draws or shuffles (choices too).',
    },
  );
}

function endedEarly(code: number, stage: string, log: string): StemmaError {
  const text = readFileSync(log, 'utf8');
  const own = /^stemma: (?<what>.*)$/gm;
  const said = [...text.matchAll(own)].at(-1)?.groups?.what;
  return new StemmaError(
    `Inspect ended with code ${code} before it was done with the stage "${stage}": ${said ?? `\n${outputTail(text)}`}`,
    { place: { file: log }, remedy: 'The same command goes on with what is missing.' },
  );
}
