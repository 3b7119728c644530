import { resolve as resolvePath } from 'node:path';
import { loadRecipe } from '../checkpoints/index.ts';
import type { Margins, Model, Sampling, SandboxLimits } from '../core/index.ts';
import { findEval } from '../evals/index.ts';
import { durationMs } from '../format/index.ts';
import type { EndpointSettings, ModelSpec } from '../models/index.ts';
import type { SandboxSettings } from '../sandbox/index.ts';
import { withAgain } from './again.ts';
import { type Bound, boundOf } from './bound.ts';
import { againOf } from './check-controls.ts';
import type { WrittenStudy } from './input.ts';
import type {
  EndpointFile,
  EvalFile,
  ExpectationFile,
  ModelFile,
  RaterFile,
  SamplingFile,
  StageFile,
  StudyFile,
} from './schema.ts';
import type { Budget, EvalEntry, Expectation, RaterSpec, StageSpec, Study } from './study.ts';
import { type Trained, trainedStages } from './trained.ts';

/** What a study file leaves out. Kept explicit: a server's own defaults may differ from stage to stage. */
export const DEFAULTS = {
  sampling: { temperature: 1, topP: 1, maxTokens: 1024, seed: 1 } satisfies Sampling,
  epochs: 1,
  margin: 0.05,
  analysis: { contrasts: 'chain', bootstrap: 2000, seed: 1, headlineRater: null },
} as const;

/** A study that has been checked, with every default in. */
export function resolveStudy(file: StudyFile, written: WrittenStudy): Study {
  const folder = resolvePath(written.folder);
  const stages = file.stages.map((stage, index): StageSpec | Trained => {
    const above = file.stages[index - 1]?.id ?? null;
    return resolveStage(stage, { above, model: written.models.stages.get(index), folder });
  });
  return {
    name: file.name,
    ...(file.description === undefined ? {} : { description: file.description }),
    file: written.file,
    folder,
    stages: withAgain(trainedStages(stages, folder), againOf(file)),
    evals: file.evals.map((entry) => resolveEval(entry, folder)),
    raters: file.raters.map((rater, index) => resolveRater(rater, written.models.raters.get(index))),
    sampling: { ...DEFAULTS.sampling, ...resolveSampling(file.sampling) },
    margins: resolveMargins(file.margins),
    budget: resolveBudget(file.budget),
    sandbox: resolveSandbox(file.sandbox),
    endpoints: mapValues(file.endpoints ?? {}, resolveEndpoint),
    analysis: resolveAnalysis(file.analysis),
    expect: (file.expect ?? []).map(resolveExpectation),
    locate: written.locate,
  };
}

function resolveStage(
  stage: StageFile,
  { above, model, folder }: { above: string | null; model: Model | undefined; folder: string },
): StageSpec | Trained {
  const about = defined<Omit<StageSpec, 'model' | 'training'>>({
    id: stage.id,
    kind: stage.kind,
    from: stage.from === undefined ? above : stage.from,
    title: stage.title,
    family: stage.family,
    sampling: stage.sampling && resolveSampling(stage.sampling),
  });
  const { recipe: file } = stage;
  if (file !== undefined) return { ...about, file, recipe: loadRecipe(resolvePath(folder, file)) };
  return { ...about, model: model ?? resolveModel(stage.model as ModelFile, stage) };
}

function resolveExpectation(file: ExpectationFile): Expectation {
  const { measure, from, to, verdict = [], change, share, estimate, seeds } = file;
  const bounds = (texts: Readonly<Record<string, string>> = {}) =>
    mapValues(texts, (text) => boundOf(text) as Bound);
  return {
    measure,
    from: from ?? null,
    to: to ?? null,
    verdicts: typeof verdict === 'string' ? [verdict] : verdict,
    change: change ?? null,
    share: bounds(share),
    estimate: bounds(estimate),
    seeds: seeds ?? 1,
  };
}

function resolveModel(model: ModelFile, short: Pick<StageFile, 'template' | 'stop'> = {}): ModelSpec {
  const spec = typeof model === 'string' ? { ref: model } : model;
  return defined<ModelSpec>({
    ref: spec.ref,
    template: short.template ?? spec.template,
    stop: short.stop ?? spec.stop,
    body: spec.body,
  });
}

function resolveEval(entry: EvalFile, folder: string): EvalEntry {
  const {
    eval: name,
    id,
    options,
    epochs,
  }: Exclude<EvalFile, string> = typeof entry === 'string' ? { eval: entry } : entry;
  return {
    id: id ?? name,
    eval: findEval(name),
    options: { values: options ?? {}, folder },
    epochs: epochs ?? DEFAULTS.epochs,
  };
}

function resolveRater(rater: RaterFile, model: Model | undefined): RaterSpec {
  switch (rater.kind) {
    case 'rule':
      return rater;
    case 'panel': {
      const { id, kind, members, combine = 'median', exclude_own_family: excludeOwnFamily = true } = rater;
      return { id, kind, members, combine, excludeOwnFamily };
    }
    case 'autorater':
      return defined<RaterSpec>({
        id: rater.id,
        kind: rater.kind,
        model: model ?? resolveModel(rater.model),
        family: rater.family,
        sampling: rater.sampling && resolveSampling(rater.sampling),
        judging: rater.judging,
        contextTokens: rater.context_tokens,
      });
  }
}

function resolveSampling(sampling: SamplingFile = {}): Partial<Sampling> {
  return defined<Partial<Sampling>>({
    temperature: sampling.temperature,
    topP: sampling.top_p,
    maxTokens: sampling.max_tokens,
    seed: sampling.seed,
    stop: sampling.stop,
  });
}

function resolveMargins({
  default: fallback,
  ...byMeasure
}: NonNullable<StudyFile['margins']> = {}): Margins {
  return { default: fallback ?? DEFAULTS.margin, byMeasure };
}

function resolveBudget(budget: NonNullable<StudyFile['budget']> = {}): Budget {
  return defined<Budget>({ tokens: budget.tokens, usd: budget.usd, wallMs: milliseconds(budget.wall) });
}

const KIB = 1024;
const MIB = KIB * KIB;

function resolveSandbox(sandbox: NonNullable<StudyFile['sandbox']> = {}): SandboxSettings {
  const { limits = {} } = sandbox;
  const bytes = (count: number | undefined, unit: number) => (count === undefined ? undefined : count * unit);
  return {
    engine: sandbox.engine ?? 'auto',
    ...defined<Omit<SandboxSettings, 'engine' | 'limits'>>({
      baseImage: sandbox.base_image,
      atOnce: sandbox.at_once,
    }),
    limits: defined<Partial<SandboxLimits>>({
      timeoutMs: milliseconds(limits.timeout),
      memoryBytes: bytes(limits.memory_mb, MIB),
      processes: limits.processes,
      fileBytes: bytes(limits.file_mb, MIB),
      diskBytes: bytes(limits.disk_mb, MIB),
      cpus: limits.cpus,
      outputBytes: bytes(limits.output_kb, KIB),
    }),
  };
}

function resolveEndpoint(endpoint: EndpointFile): EndpointSettings {
  return defined<EndpointSettings>({
    concurrency: endpoint.concurrency,
    requestsPerMinute: endpoint.requests_per_minute,
    tokensPerMinute: endpoint.tokens_per_minute,
    timeoutMs: milliseconds(endpoint.timeout),
    retries: endpoint.retries,
    apiKeyEnv: endpoint.api_key_env,
    headers: endpoint.headers,
    price: endpoint.price,
    prices: endpoint.prices,
  });
}

function resolveAnalysis(analysis: NonNullable<StudyFile['analysis']> = {}): Study['analysis'] {
  const { contrasts, bootstrap, seed, headlineRater } = DEFAULTS.analysis;
  return {
    contrasts: analysis.contrasts ?? contrasts,
    bootstrap: analysis.bootstrap ?? bootstrap,
    seed: analysis.seed ?? seed,
    headlineRater: analysis.headline_rater ?? headlineRater,
  };
}

function milliseconds(duration: number | string | undefined): number | undefined {
  return durationMs(duration) ?? undefined;
}

/** The object without its undefined members: absent and undefined are told apart everywhere else. */
function defined<T>(members: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
