import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  digestOf,
  type Eval,
  type EvalOptions,
  InputError,
  type Json,
  type JsonObject,
  type Model,
  type Sample,
} from '../../../core/index.ts';
import { asObject } from '../json-access.ts';
import { readSample } from '../sample.ts';
import { describeTask, type TaskDescription } from './describe-task.ts';
import { keptScores } from './kept-scores.ts';
import { type TaskOptions, taskOptions } from './options.ts';
import { StageTrials } from './stage-trials.ts';
import { taskMeasures } from './task-measures.ts';

const NAME = 'inspect';

/** What a study file may write of an eval that is an Inspect task. What it measures is known once Inspect was asked: `openTask`. */
export const inspectEval: Eval = {
  name: NAME,
  version: '0',
  title: 'A task of Inspect AI',
  measures: [],
  questions: [],
  get optionsSchema() {
    return taskOptions.jsonSchema();
  },
  freeOptions: ['python', 'measures'],
  // biome-ignore lint/correctness/useYield: there is nothing to yield
  samples: async function* (): AsyncGenerator<Sample> {
    throw notAsked();
  },
  elicit: async () => {
    throw notAsked();
  },
  asks: () => [],
};

function notAsked(): InputError {
  return new InputError('Inspect was not asked what this task holds', {
    remedy: 'Inspect tasks need a study file (YAML, or a module whose default export is a plain object).',
  });
}

/**
 * An Inspect task as an eval: its samples and what its scorers measure, as Inspect tells now. This runs the task's code.
 *
 * @throws InputError, MissingPartError as `describeTask` and `taskMeasures`
 */
export async function openTask(given: EvalOptions): Promise<Eval> {
  const options = taskOptions.parse(given);
  const task = await describeTask(options, given.folder);
  const { measures, questions, rules } = taskMeasures(task, options);
  const samples = samplesOf(task, options);
  const asks = questions.map((question, index) => ({
    question,
    measure: measures[index]!,
    value: ({ score }: { readonly score: number | null }) => score,
  }));
  const self: Eval = {
    ...inspectEval,
    version: digestOf({ version: task.version, package: task.package, file: task.file }).slice(0, 12),
    title: `The Inspect task ${task.task}`,
    measures,
    questions,
    ownRules: rules,
    ...(manyCalls(task) ? { callsUnknown: true as const } : {}),
    samples: async function* () {
      yield* samples;
    },
    open: (batch, subject) => new StageTrials({ ...batch, options, studyFolder: given.folder }, subject),
    elicit: (sample, subject, context) => elicitAlone(self, { sample, subject, context }),
    asks: (transcript) => {
      const there = new Set(keptScores(transcript.state as Json | undefined).map(({ scorer }) => scorer));
      return there.size === 0 ? [] : asks;
    },
  };
  return self;
}

/** One trial in a folder of its own, which is gone afterwards: for `stemma check`. */
async function elicitAlone(
  { open }: Eval,
  {
    sample,
    subject,
    context,
  }: { readonly sample: Sample; readonly subject: Model; readonly context: Parameters<Eval['elicit']>[2] },
): Promise<Awaited<ReturnType<Eval['elicit']>>> {
  const { trial, attempt, sampling, signal } = context;
  const folder = await mkdtemp(join(tmpdir(), 'stemma-inspect-'));
  try {
    const batch = {
      stage: trial.stage,
      eval: trial.eval,
      trials: [{ sample: sample.id, epoch: trial.epoch, attempt }],
      sampling,
      concurrency: 1,
      folder,
      signal,
    };
    await using opened = open!(batch, subject);
    return await opened.elicit(sample, context);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function samplesOf({ samples, task }: TaskDescription, { limit, cluster }: TaskOptions): Sample[] {
  const known = new Set<string>();
  return samples.slice(0, limit ?? samples.length).map((body) => {
    const { id, metadata } = body as JsonObject;
    const raw = {
      where: `sample ${JSON.stringify(id)}`,
      body: { ...body, epoch: 1 },
      messages: [],
      metadata: asObject(metadata),
      resolve: (text: string) => text,
    };
    const { sample } = readSample(raw, task, '', cluster ?? null);
    if (known.has(sample.id)) {
      throw new InputError(`the task ${task} has two samples "${sample.id}"`, {
        remedy: 'Give each sample an id of its own; a number and the same number as text count as one.',
      });
    }
    known.add(sample.id);
    return sample;
  });
}

/** Solvers that ask the model once, or not at all. All others may ask it more often. */
const ONE_CALL = new Set([
  'generate',
  'system_message',
  'user_message',
  'assistant_message',
  'prompt_template',
  'chain_of_thought',
  'multiple_choice',
]);

function manyCalls({ solvers, scorers }: TaskDescription): boolean {
  const known = solvers.every((name) => ONE_CALL.has(name.replace(/^inspect_ai\//, '')));
  return !known || scorers.some(({ full }) => /model_graded/.test(full));
}
