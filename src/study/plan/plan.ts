import { InputError, type JsonObject, MissingPartError } from '../../core/index.ts';
import { Problems } from '../../files/problems.ts';
import type { ImageReport } from '../../sandbox/index.ts';
import { makeManifest } from '../manifest.ts';
import { type SampleSurvey, surveySamples } from '../samples.ts';
import type { Study } from '../study.ts';
import { planWarnings } from '../warnings.ts';
import { costOfLoad, estimateJudges, estimateLoads, sumTokens, total } from './estimate.ts';
import type { Plan } from './planned.ts';
import { studyPower } from './power.ts';
import { requireLikelihoods } from './require-likelihoods.ts';
import { teacherLoads } from './teachers.ts';
import type { TimeEstimate } from './time.ts';
import { findLeaks, planTrainings } from './training.ts';

/**
 * Goes through all samples once and says what the study would take: trials, calls, tokens, cost, and power. Asks no
 * model, opens no connection, needs no key.
 *
 * @param checkpoints where the run keeps checkpoints and the answers of teachers, so that those that are there are not counted
 * @throws DocumentError with what is wrong with the samples of any eval: an option, a table, an id that comes twice
 */
export async function planStudy(
  study: Study,
  { checkpoints = null }: { readonly checkpoints?: string | null } = {},
): Promise<Plan> {
  const surveys = await surveyAll(study);
  const evals = study.evals.map((entry, index) => {
    const { count: samples, clusters, source } = surveys[index]!;
    return {
      entry,
      samples,
      clusters,
      trials: samples * entry.epochs * study.stages.length,
      ...(source === undefined ? {} : { source }),
    };
  });
  const teachers = teacherLoads(study, checkpoints);
  const endpoints = estimateLoads(study, surveys, teachers);
  const priced = endpoints.every(({ usd }) => usd !== null);
  const limits = endpoints.flatMap(({ fastestMs }) => fastestMs ?? []);
  const plan = {
    study,
    manifest: makeManifest(study, surveys, new Date()),
    evals,
    trials: total(evals, ({ trials }) => trials),
    calls: total(endpoints, ({ calls }) => calls),
    callsAtMost: total(endpoints, ({ callsAtMost }) => callsAtMost),
    tokens: sumTokens(endpoints, 'atMost'),
    usualTokens: sumTokens(endpoints, 'usual'),
    usd: priced ? total(endpoints, ({ usd }) => usd!.atMost) : null,
    usualUsd: priced ? total(endpoints, ({ usd }) => usd!.usual) : null,
    usdUnknown: endpoints.flatMap(({ endpoint, models, unpriced }) =>
      unpriced.length > 0 && unpriced.length === models.length ? [endpoint] : unpriced,
    ),
    fastestMs: limits.length === 0 ? null : Math.max(...limits),
    endpoints,
    judges: estimateJudges(study, surveys),
    power: studyPower(study, surveys),
    teachers: teachers.map(({ id: stage, source, pupils, prompts, answered, ...load }) => ({
      ...{ stage, source, pupils, prompts, answered },
      tokens: load.tokens,
      usd: costOfLoad(load, study.endpoints),
    })),
    trainings: await planTrainings(study),
    leaks: await findLeaks(study),
    images: await imagesOf(study, surveys),
  };
  return { ...plan, warnings: planWarnings(plan) };
}

/**
 * The part that knows sandboxes is loaded only where samples bring images. A machine without the engine can plan: a run looks for
 * the engine by itself.
 */
async function imagesOf({ sandbox }: Study, surveys: readonly SampleSurvey[]): Promise<ImageReport | null> {
  const images = surveys.flatMap((survey) => survey.images);
  if (images.every(({ kind }) => kind === 'system')) return null;
  const { lookAtImages } = await import('../../sandbox/index.ts');
  return await lookAtImages(images, sandbox).catch((error: unknown) => {
    if (error instanceof MissingPartError) return null;
    throw error;
  });
}

/** @throws DocumentError with the first problem of each eval that has one */
async function surveyAll(study: Study): Promise<SampleSurvey[]> {
  const problems = new Problems(study.locate);
  const surveys: SampleSurvey[] = [];
  for (const [index, entry] of study.evals.entries()) {
    try {
      const survey = await surveySamples(entry);
      if (survey.texts > 0) requireLikelihoods(study.stages);
      surveys.push(survey);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.addInside(['evals', index], error);
    }
  }
  problems.throwIfAny(study.file ?? 'the study');
  return surveys;
}

/** A plan for machines: everything but the code it holds; `manifest.study` is the study. */
export function planJson({ study: _, evals, ...plan }: Plan, time: TimeEstimate | null = null): JsonObject {
  const planned = evals.map(({ entry: { id, eval: code, epochs }, samples, clusters, trials, source }) => ({
    id,
    eval: code.name,
    samples,
    clusters,
    epochs,
    trials,
    source,
  }));
  return JSON.parse(JSON.stringify({ ...plan, time, evals: planned }));
}
