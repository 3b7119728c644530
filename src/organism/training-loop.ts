import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { digestOf, type JsonObject } from '../core/index.ts';
import { writeWhole } from '../files/index.ts';
import type { Parameters, Shape } from './parameters.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
import { type Batch, type StepResult, Trainer, type TrainerOptions, type TrainerState } from './trainer.ts';

/** What a training tells while it goes on. */
export interface TrainingProgress {
  readonly stage: string;
  readonly step: number;
  readonly steps: number;
  /** A running mean over the last steps. */
  readonly loss: number;
  readonly tokensPerSecond: number;
  readonly etaSeconds: number;
  /** What else a method watches: the mean reward, the share of cheats. */
  readonly watched: Readonly<Record<string, number>>;
}

export interface TrainingControl {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Where the state is kept while training goes on, to resume from; removed at the end. */
  readonly stateFile?: string;
}

interface TrainingPlan {
  readonly stage: string;
  readonly steps: number;
  /** Everything that shapes the training: a state of another recipe is not resumed from. */
  readonly recipe: JsonObject;
  /** The batch of a step: a function of the step's number and the weights then, so that a resumed run sees the same. */
  batch(step: number, trainer: Trainer): Batch | Promise<Batch>;
  rate(step: number): number;
  watched?(): Readonly<Record<string, number>>;
}

/** Steps between two saved states: a killed training loses at most so much. */
const SAVE_EVERY = 50;

/**
 * Takes all steps of a plan, from these weights, or from the saved state where there is one of the same recipe.
 *
 * @returns the weights at the end, or `null` when the signal aborted: the state is saved then
 */
export async function train(
  shape: Shape,
  parameters: Parameters,
  options: TrainerOptions,
  plan: TrainingPlan,
  control: TrainingControl,
): Promise<Parameters | null> {
  const trainer = await Trainer.start(shape, parameters, options);
  try {
    return await takeSteps(trainer, plan, control);
  } finally {
    trainer.dispose();
  }
}

async function takeSteps(
  trainer: Trainer,
  plan: TrainingPlan,
  control: TrainingControl,
): Promise<Parameters | null> {
  const { stateFile, signal } = control;
  const recipe = digestOf(plan.recipe);
  const saved = stateFile === undefined ? null : await readState(stateFile, recipe);
  if (saved) trainer.restore(saved);
  const begin = saved?.steps ?? 0;
  const saw = stepMeter(plan, begin, control.onProgress);
  for (let step = begin; step < plan.steps; step++) {
    const batch = await plan.batch(step, trainer);
    saw(step, batch, await trainer.step(batch, plan.rate(step)));
    const stopping = signal?.aborted === true;
    const due = stopping || (step + 1) % SAVE_EVERY === 0;
    if (due && stateFile !== undefined && step + 1 < plan.steps)
      await writeState(stateFile, recipe, await trainer.state());
    if (stopping) return null;
  }
  if (stateFile !== undefined) await rm(stateFile, { force: true });
  return trainer.parameters();
}

/** Tells of a training, a step at a time. */
function stepMeter(
  { stage, steps, watched }: TrainingPlan,
  begin: number,
  report: TrainingControl['onProgress'],
) {
  const start = performance.now();
  let running: number | null = null;
  let tokens = 0;
  return (step: number, batch: Batch, { loss }: StepResult): void => {
    running = running === null ? loss : 0.95 * running + 0.05 * loss;
    tokens += batch.ids.length;
    const seconds = (performance.now() - start) / 1000;
    report?.({
      stage,
      step: step + 1,
      steps,
      loss: running,
      tokensPerSecond: tokens / seconds,
      etaSeconds: (seconds / (step + 1 - begin)) * (steps - step - 1),
      watched: watched?.() ?? {},
    });
  };
}

const GROUPS = ['parameters', 'first', 'second'] as const;

async function writeState(file: string, recipe: string, state: TrainerState): Promise<void> {
  const tensors = Object.fromEntries(
    GROUPS.flatMap((group) =>
      Object.entries(state[group]).map(([name, values]) => [
        `${group}/${name}`,
        { dimensions: [values.length], values },
      ]),
    ),
  );
  await mkdir(dirname(file), { recursive: true });
  const metadata = { recipe, steps: String(state.steps) };
  await writeWhole(file, writeSafetensors({ tensors, metadata }), `${file}.part`);
}

/** The saved state; `null` when there is none, or it belongs to another recipe. */
async function readState(file: string, recipe: string): Promise<TrainerState | null> {
  const bytes = await readFile(file).catch(() => null);
  if (bytes === null) return null;
  const { tensors, metadata } = readSafetensors(bytes, file);
  if (metadata.recipe !== recipe) return null;
  const group = (prefix: (typeof GROUPS)[number]): Parameters =>
    Object.fromEntries(
      Object.entries(tensors)
        .filter(([name]) => name.startsWith(`${prefix}/`))
        .map(([name, { values }]) => [name.slice(prefix.length + 1), values]),
    );
  return {
    parameters: group('parameters'),
    first: group('first'),
    second: group('second'),
    steps: Number(metadata.steps),
  };
}
