import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  digestOf,
  type EvalInfo,
  hasNoAnswer,
  type JsonObject,
  type Manifest,
  type Rating,
  type StageInfo,
  type Transcript,
} from '../../core/index.ts';
import { unwritable } from '../../files/index.ts';
import type { RunReader } from '../../records/index.ts';
import { openRun } from '../../records/run-reader.ts';
import { inspectJson, present } from './inspect-json.ts';
import { writeSample } from './write-sample.ts';
import { shortName } from './write-scores.ts';
import { ZipWriter } from './zip-writer.ts';

interface ExportInspectOptions {
  /** The folder for the logs; it is made where it is absent. */
  readonly out: string;
}

/**
 * Writes a run as logs of Inspect AI, one for each stage and eval: `.eval` files that `inspect view` and Inspect's Python API
 * open, whatever version. What Inspect has no place for (clusters, labels and explanations of single measures) is in the
 * metadata under `stemma`, where `importInspect` finds it again.
 *
 * @returns the files that were written
 * @throws RecordsError when the folder is not a run; InputError when a file cannot be written
 */
export async function exportInspect(
  folder: string,
  { out }: ExportInspectOptions,
): Promise<readonly string[]> {
  using run = await openRun(folder);
  const files: string[] = [];
  try {
    await mkdir(out, { recursive: true });
  } catch (error) {
    throw unwritable('the export', out, error);
  }
  for (const info of run.manifest.evals) {
    for (const stage of run.manifest.stages) {
      const file = join(out, `${fileTime(run.manifest.createdAt)}_${info.id}_${stage.id}.eval`);
      if (await writeLog(file, { run, info, stage })) files.push(file);
    }
  }
  return files;
}

interface LogContent {
  readonly run: RunReader;
  readonly info: EvalInfo;
  readonly stage: StageInfo;
}

/** @returns false where the stage has no trial of the eval, and no file is written */
async function writeLog(file: string, content: LogContent): Promise<boolean> {
  const draft = `${file}.${process.pid}.draft`;
  let zip: ZipWriter | undefined;
  try {
    const summary = new LogSummary();
    for await (const transcript of content.run.transcripts({
      stage: content.stage.id,
      eval: content.info.id,
    })) {
      if (zip === undefined) {
        zip = await ZipWriter.create(draft);
        await zip.add('_journal/start.json', inspectJson(startOf(content)));
      }
      const { sample, epoch } = transcript.trial;
      const ratings = hasNoAnswer(transcript.status) ? [] : await content.run.ratingsOf(transcript.key);
      const written = writeSample(transcript, ratings, nameOf(content.stage));
      summary.add(transcript, ratings, written);
      await zip.add(`samples/${sample}_epoch_${epoch}.json`, inspectJson(written));
    }
    if (zip === undefined) return false;
    await zip.add('_journal/summaries/1.json', inspectJson(summary.samples));
    await zip.add('summaries.json', inspectJson(summary.samples));
    await zip.add('header.json', inspectJson(headerOf(content, summary)));
    await zip.close();
    await rename(draft, file);
    return true;
  } catch (error) {
    await zip?.abandon();
    await rm(draft, { force: true }).catch(() => {});
    throw unwritable('the export', file, error);
  }
}

/** What the end of a log says of all its samples. */
class LogSummary {
  readonly samples: JsonObject[] = [];
  readonly ids = new Set<string>();
  readonly #values = new Map<string, number[]>();
  readonly raters = new Set<string>();
  failed = 0;

  add(transcript: Transcript, ratings: readonly Rating[], written: JsonObject): void {
    this.ids.add(transcript.trial.sample);
    if (transcript.status === 'error') this.failed++;
    const { id, epoch, input, target, choices, metadata, scores, uuid, error, limit } = written;
    const { started_at, total_time, model_usage } = written;
    this.samples.push(
      present({
        id: id!,
        epoch: epoch!,
        input: input!,
        target: target!,
        choices,
        metadata,
        scores,
        uuid,
        started_at,
        total_time,
        model_usage,
        error: (error as JsonObject | undefined)?.message,
        limit: (limit as JsonObject | undefined)?.type,
        completed: true,
        message_count: transcript.input.length + transcript.output.length,
      }),
    );
    for (const { rater, measure, value } of ratings) {
      this.raters.add(rater);
      const name = JSON.stringify([rater, measure]);
      const values = this.#values.get(name) ?? [];
      if (value !== null) values.push(value);
      this.#values.set(name, values);
    }
  }

  /** The mean of each measure by each rater. */
  scores(): JsonObject[] {
    return [...this.#values].map(([name, values]) => {
      const [rater, measure] = JSON.parse(name) as [string, string];
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return {
        name: shortName(measure),
        scorer: rater,
        scored_samples: values.length,
        params: {},
        metrics: values.length === 0 ? {} : { mean: { name: 'mean', value: mean, params: {} } },
      };
    });
  }
}

function startOf(content: LogContent): JsonObject {
  return { version: 2, eval: specOf(content, []), plan: PLAN };
}

const PLAN: JsonObject = { name: 'plan', steps: [{ solver: 'stemma', params: {} }], config: {} };

function headerOf(content: LogContent, summary: LogSummary): JsonObject {
  const { manifest } = content.run;
  return {
    version: 2,
    status: 'success',
    eval: specOf(content, [...summary.raters], summary.ids),
    plan: PLAN,
    results: {
      total_samples: summary.samples.length,
      completed_samples: summary.samples.length - summary.failed,
      scores: summary.scores(),
    },
    stats: { started_at: manifest.createdAt, completed_at: manifest.createdAt, model_usage: {} },
  };
}

function specOf(
  { run, info, stage }: LogContent,
  raters: readonly string[],
  ids?: ReadonlySet<string>,
): JsonObject {
  const { manifest } = run;
  const id = (what: string) =>
    digestOf({ what, run: manifest.digest, stage: stage.id, eval: info.id }).slice(0, 22);
  return present({
    eval_id: id('eval'),
    run_id: id('run'),
    created: manifest.createdAt,
    task: info.id,
    task_id: id('task'),
    task_version: 0,
    task_attribs: {},
    task_args: {},
    tags: [`stage:${stage.id}`],
    metadata: { stemma: stageJson(manifest, stage) },
    dataset: present({
      name: info.id,
      samples: info.samples.count,
      sample_ids: ids === undefined ? undefined : [...ids],
      shuffled: false,
    }),
    model: nameOf(stage),
    model_args: {},
    config: { epochs: info.epochs },
    packages: { stemma: manifest.stemma },
    scorers: raters.map((name) => ({
      name,
      options: {},
      metrics: [{ name: 'mean', options: {} }],
      metadata: {},
    })),
  });
}

function stageJson(manifest: Manifest, { id, kind, from }: StageInfo): JsonObject {
  return { run: manifest.name, stage: id, kind, from };
}

/** The name that others gave the model, else the stage's id. */
function nameOf({ title, id }: StageInfo): string {
  return title ?? id;
}

/** As Inspect names its files: the time without colons. */
function fileTime(iso: string): string {
  return `${iso.slice(0, 19).replaceAll(':', '-')}-00-00`;
}
