import {
  digestOfText,
  type EvalInfo,
  InputError,
  type PublishedResults,
  type RaterInfo,
  type Rating,
  sampleDigest,
  trialKey,
} from '../../core/index.ts';
import { keptIn } from '../../core/kept-in.ts';
import { count } from '../../format/index.ts';
import { byName, chained, type DeclaredTraining, withTraining } from '../chain.ts';
import type { DeclaredMeasure } from '../declared-measure.ts';
import { lookAlikeNotes } from '../look-alikes.ts';
import { MeasureSurvey } from '../measure-survey.ts';
import { Names } from '../names.ts';
import { openLog } from './log.ts';
import { AUDIT_RANGE, isAuditJudge, saferDimension } from './petri.ts';
import { type PlannedLog, planImport, type StageBy } from './plan-import.ts';
import { type ReadSample, readSample } from './sample.ts';
import { isRuleScorer, partName, plainName } from './scorer-names.ts';
import type { ReadScore } from './scores.ts';
import { scorerDigest, settingsOf } from './settings.ts';

export interface ImportInspectOptions extends DeclaredTraining {
  /** What names the stage of a log; by default its model. */
  readonly stageBy?: StageBy;
  /** The tasks to import, an eval each; by default the logs must be of one. */
  readonly tasks?: readonly string[];
  /** Where in a sample's metadata its cluster is: `theme`, `source.topic`. By default each sample is its own. */
  readonly cluster?: string;
  /** What is declared of the measures. */
  readonly measures?: readonly DeclaredMeasure[];
}

/**
 * Reads logs of Inspect AI (`.eval` and `.json`, versions 2 and 3): a stage a model, an eval a task, a rater a scorer. Each
 * key of a dict score is a measure, and each place of a list. Scorers with a single value between 0 and 1 are raters of one
 * measure, `TASK/score`; any other has a measure of its own. The logs are read once now, to check them, and once more when
 * the trials are asked for; one sample at a time is in memory.
 *
 * @param sources files, folders and patterns, each perhaps preceded by a stage's name: `sft=logs/b.eval`
 * @throws InputError naming file and sample for what cannot be read, logs of several tasks, two logs of one stage
 * @see https://inspect.aisi.org.uk/eval-logs.html
 */
export async function importInspect(
  sources: readonly string[],
  options: ImportInspectOptions = {},
): Promise<PublishedResults> {
  const { logs, notes } = await planImport(sources, options);
  const survey = new LogSurvey(logs, options);
  for (const log of logs) await survey.read(log);
  const { stages, evals, raters, margins } = survey.finish();
  if (evals.every(({ samples }) => samples.count === 0)) {
    throw new InputError(logs.length === 1 ? 'this log holds no samples' : 'these logs hold no samples', {
      place: { file: logs[0]!.file },
      remedy: 'Was it written with --no-log-samples?',
    });
  }
  const tasks = [...new Set(logs.map(({ header }) => header.task))];
  const results: PublishedResults = {
    name: tasks.join(', '),
    source: `Inspect logs of ${tasks.join(', ')}`,
    stages,
    evals,
    raters,
    margins,
    analysis: { contrasts: 'all' },
    notes: [...notes, ...survey.notes()],
    trials: async function* () {
      for (const log of logs) {
        for await (const read of samplesOf(log, options)) yield survey.trialOf(log, read);
      }
    },
  };
  return withTraining(results, options);
}

async function* samplesOf(planned: PlannedLog, { cluster = null }: { readonly cluster?: string | null }) {
  const { file, header } = planned;
  await using log = await openLog(file);
  for await (const raw of log.samples()) yield readSample(raw, file, header.model, cluster);
}

interface TaskSurvey {
  readonly evalId: string;
  /** By sample: what was asked, and its cluster. */
  readonly samples: Map<string, { readonly digest: string; readonly cluster: string }>;
  epochs: number;
  /** Scorers with a single value, and whether all of them lie between 0 and 1. */
  readonly scalars: Map<string, { within: boolean; graded: boolean }>;
  /** By scorer: the keys of its dicts, where it is a judge of audits. */
  readonly audits: Set<string>;
}

/** What the logs hold, gathered while they are read for the first time. */
class LogSurvey {
  readonly #options: ImportInspectOptions;
  readonly #stages: Names;
  readonly #raters: Names;
  readonly #evals: Names;
  readonly #tasks = new Map<string, TaskSurvey>();
  /** Values by eval, scorer and key: whose measures they are is known at the end. */
  readonly #values = new Map<
    string,
    {
      readonly task: TaskSurvey;
      readonly score: ReadScore;
      low: number;
      high: number;
      binary: boolean;
      graded: boolean;
    }
  >();
  readonly #settings = new Map<PlannedLog, ReturnType<typeof settingsOf>>();
  #noAnswers = 0;
  #unscored = 0;
  #unknownWords = 0;

  constructor(logs: readonly PlannedLog[], options: ImportInspectOptions) {
    this.#options = options;
    const [first] = logs;
    this.#stages = new Names('stage', first!.file);
    this.#raters = new Names('rater', first!.file);
    this.#evals = new Names('eval', first!.file);
    for (const log of logs) this.#settings.set(log, settingsOf(log.header));
  }

  /** @throws InputError where the log has a sample and epoch twice */
  async read(log: PlannedLog): Promise<void> {
    this.#stages.idOf(log.stage);
    const task = this.#taskOf(log);
    const seen = new Set<string>();
    for await (const { sample, epoch, scores } of samplesOf(log, this.#options)) {
      const name = `${sample.id}#${epoch}`;
      if (seen.has(name)) {
        throw new InputError(`the sample "${sample.id}" is in this log twice in epoch ${epoch}`, {
          place: { file: log.file },
        });
      }
      seen.add(name);
      task.epochs = Math.max(task.epochs, epoch);
      if (!task.samples.has(sample.id)) {
        task.samples.set(sample.id, { digest: sampleDigest(sample), cluster: sample.cluster });
      }
      this.#takeAudits(task, scores);
      for (const score of scores) this.#take(task, score);
    }
  }

  finish() {
    const evals = [...this.#tasks.values()];
    const measures = new MeasureSurvey({
      declared: this.#options.measures ?? [],
      families: evals.map(({ evalId }) => evalId),
      safer: null,
      source: { name: 'logs', file: [...this.#settings.keys()][0]!.file },
      wellKnown: (id) => this.#wellKnown(id),
      emptyAllowed: true,
    });
    for (const { task, score, low, high, binary } of this.#values.values()) {
      const id = this.#measureOf(task, score);
      measures.add(id, low > high ? null : low);
      if (low > high) continue;
      measures.add(id, high);
      // A measure that is not a rate has values between its ends.
      if (!binary) measures.add(id, (low + high) / 2);
    }
    const all = measures.measures();
    return {
      stages: chained(this.#stages.all(), {}),
      evals: evals.map(
        (task): EvalInfo => ({
          id: task.evalId,
          eval: task.evalId,
          version: 'inspect',
          measures: all.filter(({ id }) => id.startsWith(`${task.evalId}/`)),
          epochs: task.epochs,
          options: {},
          samples: {
            count: task.samples.size,
            clusters: new Set([...task.samples.values()].map(({ cluster }) => cluster)).size,
            digest: digestOfText(
              [...task.samples.values()]
                .map(({ digest }) => digest)
                .sort()
                .join(),
            ),
          },
        }),
      ),
      raters: byName(this.#raters.all(), ({ id }) => id).map(
        (rater): RaterInfo => ({
          ...rater,
          kind: raterKind(rater.title ?? rater.id),
          digests: {},
        }),
      ),
      margins: measures.margins(all),
    };
  }

  /** What the user should know of the values. */
  notes(): string[] {
    return [
      ...(this.#noAnswers > 0
        ? [
            `N (no answer) counts as 0, as in Inspect, and keeps its letter as a label: ${count(this.#noAnswers)}.`,
          ]
        : []),
      ...(this.#unscored > 0
        ? [`Missing values, unscored or not applicable: ${count(this.#unscored)}.`]
        : []),
      ...(this.#unknownWords > 0
        ? [
            `Words that are not values are missing, where Inspect counts them as 0: ${count(this.#unknownWords)}.`,
          ]
        : []),
      ...this.#stages.notes(),
      ...this.#raters.notes(),
      ...[...this.#tasks.values()].flatMap(({ samples }) => lookAlikeNotes('samples', samples)),
    ];
  }

  trialOf(log: PlannedLog, read: ReadSample) {
    const task = this.#taskOf(log);
    const { sample, epoch, scores } = read;
    const trial = { stage: this.#stages.idOf(log.stage), eval: task.evalId, sample: sample.id, epoch };
    const key = trialKey(trial);
    const { digest, seed } = this.#settings.get(log)!;
    return {
      transcript: read.transcript({ trial, samplingDigest: digest, seed }),
      ratings: scores.map((score): Rating => {
        const { label, explanation } = score;
        const value = this.#valueOf(task, score);
        return {
          key,
          measure: this.#measureOf(task, score),
          rater: this.#raters.idOf(score.scorer),
          raterDigest: scorerDigest(log.header, score.scorer),
          attempt: 1,
          status: value === null ? (score.status ?? 'unparsed') : 'rated',
          value,
          ...(label === undefined ? {} : { label }),
          ...(explanation === undefined ? {} : { explanation }),
        };
      }),
    };
  }

  #taskOf({ header }: PlannedLog): TaskSurvey {
    return keptIn(this.#tasks, header.task, () => ({
      evalId: this.#evals.idOf(header.task),
      samples: new Map(),
      epochs: 1,
      scalars: new Map(),
      audits: new Set(),
    }));
  }

  #takeAudits(task: TaskSurvey, scores: readonly ReadScore[]): void {
    const keys = new Map<string, string[]>();
    for (const { scorer, key } of scores) {
      if (key !== null) keys.set(scorer, [...(keys.get(scorer) ?? []), key]);
    }
    for (const [scorer, names] of keys) if (isAuditJudge(names)) task.audits.add(scorer);
  }

  #take(task: TaskSurvey, score: ReadScore): void {
    this.#raters.idOf(score.scorer);
    const { scorer, key, graded } = score;
    const value = this.#valueOf(task, score);
    if (value === null) score.label === undefined ? this.#unscored++ : this.#unknownWords++;
    if (graded && score.label === 'N') this.#noAnswers++;
    if (key === null) {
      const scalar = task.scalars.get(scorer) ?? { within: true, graded: true };
      if (value !== null) {
        scalar.within &&= value >= 0 && value <= 1;
        scalar.graded &&= graded;
      }
      task.scalars.set(scorer, scalar);
    }
    const name = JSON.stringify([task.evalId, scorer, key]);
    let values = this.#values.get(name);
    if (values === undefined) {
      values = {
        task,
        score,
        low: Number.POSITIVE_INFINITY,
        high: Number.NEGATIVE_INFINITY,
        binary: true,
        graded: true,
      };
      this.#values.set(name, values);
    }
    if (value === null) return;
    values.low = Math.min(values.low, value);
    values.high = Math.max(values.high, value);
    values.binary &&= value === 0 || value === 1;
    values.graded &&= graded;
  }

  /** 0 on a dimension of an audit says that it did not apply. */
  #valueOf(task: TaskSurvey, { scorer, key, value, graded }: ReadScore): number | null {
    return value === 0 && !graded && key !== null && task.audits.has(scorer) ? null : value;
  }

  #measureOf(task: TaskSurvey, { scorer, key }: ReadScore): string {
    const within = [...task.scalars.values()].every((scalar) => scalar.within);
    const several = [...task.scalars.values()].length > 1;
    if (key !== null) return `${task.evalId}/${partName(scorer, key)}`;
    return `${task.evalId}/${within || !several ? 'score' : plainName(scorer)}`;
  }

  #wellKnown(id: string): Partial<Omit<DeclaredMeasure, 'name'>> | undefined {
    const found = [...this.#values.values()].filter(({ task, score }) => this.#measureOf(task, score) === id);
    const [first] = found;
    if (first === undefined) return undefined;
    const { task, score } = first;
    if (score.key !== null && task.audits.has(score.scorer)) {
      const safer = saferDimension(score.key);
      return { kind: 'score', range: AUDIT_RANGE, ...(safer == null ? {} : { safer }) };
    }
    // Grades with halves (P) are a rate all the same.
    return found.every(({ graded }) => graded) ? { kind: 'rate' } : undefined;
  }
}

function raterKind(name: string): RaterInfo['kind'] {
  if (/^human/i.test(name)) return 'human';
  return isRuleScorer(name) ? 'rule' : 'autorater';
}
