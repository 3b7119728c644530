import { InputError, type JsonObject } from '../../core/index.ts';
import { Problems } from '../../files/problems.ts';
import { makeManifest } from '../manifest.ts';
import { type SampleSurvey, surveySamples } from '../samples.ts';
import type { Study } from '../study.ts';
import { planWarnings } from '../warnings.ts';
import { type Bounds, type EndpointLoad, estimateJudges, estimateLoads, type Tokens } from './estimate.ts';
import type { Plan } from './planned.ts';
import { studyPower } from './power.ts';
import type { TimeEstimate } from './time.ts';
import { findLeaks, planTrainings } from './training.ts';

/**
 * Goes through all samples once and says what the study would take: trials, calls, tokens, cost, and power. Asks no
 * model, opens no connection, needs no key.
 *
 * @throws DocumentError with what is wrong with the samples of any eval: an option, a table, an id that comes twice
 */
export async function planStudy(study: Study): Promise<Plan> {
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
  const endpoints = estimateLoads(study, surveys);
  const priced = endpoints.every(({ usd }) => usd !== null);
  const limits = endpoints.flatMap(({ fastestMs }) => fastestMs ?? []);
  const plan = {
    study,
    manifest: makeManifest(study, surveys, new Date()),
    evals,
    trials: total(evals, ({ trials }) => trials),
    calls: total(endpoints, ({ calls }) => calls),
    callsAtMost: total(endpoints, ({ callsAtMost }) => callsAtMost),
    tokens: totalTokens(endpoints, 'atMost'),
    usualTokens: totalTokens(endpoints, 'usual'),
    usd: priced ? total(endpoints, ({ usd }) => usd!.atMost) : null,
    usualUsd: priced ? total(endpoints, ({ usd }) => usd!.usual) : null,
    usdUnknown: endpoints.flatMap(({ endpoint, models, unpriced }) =>
      unpriced.length > 0 && unpriced.length === models.length ? [endpoint] : unpriced,
    ),
    fastestMs: limits.length === 0 ? null : Math.max(...limits),
    endpoints,
    judges: estimateJudges(study, surveys),
    power: studyPower(study, surveys),
    trainings: await planTrainings(study),
    leaks: await findLeaks(study),
  };
  return { ...plan, warnings: planWarnings(plan) };
}

/** @throws DocumentError with the first problem of each eval that has one */
async function surveyAll(study: Study): Promise<SampleSurvey[]> {
  const problems = new Problems(study.locate);
  const surveys: SampleSurvey[] = [];
  for (const [index, entry] of study.evals.entries()) {
    try {
      surveys.push(await surveySamples(entry));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.addInside(['evals', index], error);
    }
  }
  problems.throwIfAny(study.file ?? 'the study');
  return surveys;
}

function total<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((sum, item) => sum + count(item), 0);
}

function totalTokens(endpoints: readonly EndpointLoad[], which: keyof Bounds<Tokens>): Tokens {
  return {
    input: total(endpoints, ({ tokens }) => tokens[which].input),
    output: total(endpoints, ({ tokens }) => tokens[which].output),
  };
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
