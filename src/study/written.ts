import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Digest, digestOfText, type JsonObject, type Model, type Sampling } from '../core/index.ts';
import { type EndpointSettings, type ModelSpec, parseModelRef } from '../models/index.ts';
import { boundText } from './bound.ts';
import { moduleFiles } from './module-files.ts';
import { type Expectation, isModel, type RaterSpec, type StageSpec, type Study } from './study.ts';

/**
 * A resolved study as a study file would write it, every default spelt out: what a run's manifest keeps. Loading it
 * from the study's folder gives the same study again. It holds names of environment variables, never their values.
 *
 * `x-files` is not part of the study: the digests of the files that steer its models (templates, scripted modules), by
 * path as written. Nor is `x-recipes`: what the recipe files of trained stages said.
 */
export function writtenStudy(study: Study): JsonObject {
  const { budget, analysis, margins } = study;
  return json({
    name: study.name,
    description: study.description,
    stages: study.stages.filter(({ again }) => again === undefined).map(writtenStage),
    controls: writtenControls(study),
    evals: study.evals.map(({ id, eval: { name }, options, epochs }) => ({
      id,
      eval: name,
      options: options.values,
      epochs,
    })),
    raters: study.raters.map(writtenRater),
    sampling: writtenSampling(study.sampling),
    margins: { default: margins.default, ...margins.byMeasure },
    sandbox: writtenSandbox(study),
    budget: { tokens: budget.tokens, usd: budget.usd, wall: seconds(budget.wallMs) },
    endpoints: Object.fromEntries(
      Object.entries(study.endpoints).map(([key, endpoint]) => [key, writtenEndpoint(endpoint)]),
    ),
    analysis: {
      contrasts: analysis.contrasts,
      bootstrap: analysis.bootstrap,
      headline_rater: analysis.headlineRater ?? undefined,
      seed: analysis.seed,
    },
    expect: study.expect.length === 0 ? undefined : study.expect.map(writtenExpectation),
    'x-files': fileDigests(study),
    'x-recipes': writtenRecipes(study),
  });
}

function writtenControls({ stages }: Study): object | undefined {
  const again = stages.flatMap((stage) => stage.again ?? []);
  return again.length === 0 ? undefined : { again };
}

function writtenStage({ id, kind, from, title, family, model, training, sampling }: StageSpec): object {
  return {
    id,
    kind,
    from,
    title,
    family,
    ...(training === undefined ? { model: writtenModel(model) } : { recipe: training.file }),
    sampling: sampling && writtenSampling(sampling),
  };
}

/** Always the long form, so that two studies differ in a member and not in how they were written. */
function writtenModel(model: ModelSpec | Model): object {
  if (isModel(model)) return { ref: model.ref };
  const { ref, template, stop, body } = model;
  return { ref, template, stop, body };
}

function writtenRecipes({ stages }: Study): object | undefined {
  const trained = stages.flatMap(({ id, training }) =>
    training === undefined ? [] : [[id, training.recipe]],
  );
  return trained.length === 0 ? undefined : Object.fromEntries(trained);
}

function writtenExpectation(expectation: Expectation): object {
  const { measure, from, to, verdicts, change, share, estimate, seeds } = expectation;
  const bounds = (of: Expectation['share']) =>
    Object.keys(of).length === 0
      ? undefined
      : Object.fromEntries(Object.entries(of).map(([stage, bound]) => [stage, boundText(bound)]));
  return {
    measure,
    from: from ?? undefined,
    to: to ?? undefined,
    verdict: verdicts.length === 0 ? undefined : verdicts,
    change: change ?? undefined,
    share: bounds(share),
    estimate: bounds(estimate),
    seeds,
  };
}

function writtenRater(rater: RaterSpec): object {
  if (rater.kind === 'rule') return rater;
  if (rater.kind === 'panel') {
    const { excludeOwnFamily, ...others } = rater;
    return { ...others, exclude_own_family: excludeOwnFamily };
  }
  const { id, kind, model, family, sampling, judging, contextTokens } = rater;
  return {
    id,
    kind,
    model: writtenModel(model),
    family,
    sampling: sampling && writtenSampling(sampling),
    judging,
    context_tokens: contextTokens,
  };
}

function writtenSampling({ temperature, topP, maxTokens, seed, stop }: Partial<Sampling>): object {
  return { temperature, top_p: topP, max_tokens: maxTokens, seed, stop };
}

/** Where an eval of the study needs none, it is no part of it. */
function writtenSandbox({ sandbox, evals }: Study): object | undefined {
  if (!evals.some(({ eval: { sandboxed } }) => sandboxed)) return undefined;
  const { engine, baseImage, atOnce, limits = {} } = sandbox;
  const { timeoutMs, memoryBytes, processes, fileBytes, diskBytes, cpus, outputBytes } = limits;
  const inUnits = (bytes: number | undefined, unit: number) =>
    bytes === undefined ? undefined : bytes / unit;
  return {
    engine,
    base_image: baseImage,
    at_once: atOnce,
    limits: {
      timeout: seconds(timeoutMs),
      memory_mb: inUnits(memoryBytes, 1024 ** 2),
      processes,
      file_mb: inUnits(fileBytes, 1024 ** 2),
      disk_mb: inUnits(diskBytes, 1024 ** 2),
      cpus,
      output_kb: inUnits(outputBytes, 1024),
    },
  };
}

function writtenEndpoint(endpoint: EndpointSettings): object {
  const {
    concurrency,
    requestsPerMinute,
    tokensPerMinute,
    timeoutMs,
    retries,
    apiKeyEnv,
    headers,
    price,
    prices,
  } = endpoint;
  return {
    concurrency,
    requests_per_minute: requestsPerMinute,
    tokens_per_minute: tokensPerMinute,
    timeout: seconds(timeoutMs),
    retries,
    api_key_env: apiKeyEnv,
    headers,
    price,
    prices,
  };
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1_000;
}

function fileDigests({ stages, raters, folder }: Study): Record<string, Digest> {
  const models = [...stages, ...raters].flatMap((entry) =>
    'model' in entry && !isModel(entry.model) ? [entry.model] : [],
  );
  const files = models.flatMap(({ ref, template }) => {
    const { protocol, endpoint } = parseModelRef(ref);
    return [
      ...(template === undefined ? [] : [template]),
      ...(protocol === 'scripted' ? moduleFiles(endpoint, folder) : []),
    ];
  });
  return Object.fromEntries(
    [...new Set(files)].sort().map((file) => [file, digestOfText(readFileSync(resolve(folder, file)))]),
  );
}

/** The value as JSON has it, without undefined members. */
function json(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value));
}
