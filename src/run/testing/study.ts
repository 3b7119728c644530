import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Eval, Model, Rating, Transcript } from '../../core/index.ts';
import { type Respond, scriptedModel } from '../../models/index.ts';
import { openRun } from '../../records/index.ts';
import { defineStudy, type Plan, planStudy, type StudyInput } from '../../study/index.ts';
import { yesNo } from './yes-no.ts';

/** A folder that is gone when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'stemma-run-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export const usage = { inputTokens: 10, outputTokens: 5 };

interface PlanParts {
  /** By stage id, in training order: a model, or what a scripted one answers. Two that say yes unless given. */
  readonly stages?: Readonly<Record<string, Respond | Model>>;
  readonly evaluation?: Eval;
  readonly epochs?: number;
  readonly study?: Partial<StudyInput>;
}

const yes: Respond = () => ({ response: 'yes, please', usage });

/** The plan of a study on the yes-no eval: ten samples, unless another eval is given, and one rule. */
export function planOf({
  stages = { sft: yes, rl: yes },
  evaluation = yesNo(10),
  epochs = 1,
  study,
}: PlanParts): Promise<Plan> {
  const defined = defineStudy({
    name: 'test',
    stages: Object.entries(stages).map(([id, model]) => ({
      id,
      kind: id,
      model: typeof model === 'function' ? scriptedModel(`scripted:test#${id}`, model) : model,
    })),
    evals: ['refusals'],
    raters: [{ id: 'rule', kind: 'rule', rule: 'string-match' }],
    margins: { default: 0.9 },
    ...study,
  });
  // A study file names evals that are registered; this one is not.
  const raters = defined.raters.map((rater) =>
    rater.kind === 'rule' ? { ...rater, rule: 'says-yes' } : rater,
  );
  const entry = {
    id: evaluation.name,
    eval: evaluation,
    options: { values: {}, folder: defined.folder },
    epochs,
  };
  return planStudy({ ...defined, raters, evals: [entry] });
}

/** All transcripts and ratings that count, of a run. */
export async function recordsOf(folder: string): Promise<{ transcripts: Transcript[]; ratings: Rating[] }> {
  using run = await openRun(folder);
  const transcripts: Transcript[] = [];
  const ratings: Rating[] = [];
  for await (const transcript of run.transcripts()) transcripts.push(transcript);
  for await (const rating of run.ratings()) ratings.push(rating);
  return { transcripts, ratings };
}
