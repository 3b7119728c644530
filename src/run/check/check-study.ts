import type { ServerEvent } from '../../checkpoints/index.ts';
import {
  digestOf,
  hasNoAnswer,
  type Model,
  ModelError,
  type Rating,
  type Sample,
  type Sampling,
  type Served,
  StemmaError,
  signsOf,
  type Transcript,
  trialSeed,
} from '../../core/index.ts';
import type { Models } from '../../models/index.ts';
import { judgeSampling, rateTranscript } from '../../raters/index.ts';
import {
  type AutoraterSpec,
  type EvalEntry,
  isModel,
  openRaters,
  type StageSpec,
  type Study,
  samplingOf,
} from '../../study/index.ts';
import { type FetchOptions, fetchWeights } from '../fetch-weights.ts';
import { stageWeights } from '../identity.ts';
import { openRunModels, transcriptsOf } from '../open-models.ts';
import { RunSandboxes } from '../sandboxes.ts';
import { serveStages } from '../serve-stages.ts';
import { serverOf } from '../server-settings.ts';
import { toldModel } from '../told-model.ts';
import { checkWarnings } from './check-warnings.ts';
import { type HeardCall, HeardModel, saidIn, tokensPerSecond } from './heard-model.ts';
import { probeSampling } from './sampling-probe.ts';
import type { ModelCheck, SampleCheck, StudyCheck } from './study-check.ts';
import { fateOfSeed, whatIsTaken } from './what-is-taken.ts';

interface CheckOptions {
  /** Where checkpoints of trained stages are kept. */
  readonly checkpoints: string;
  readonly signal: AbortSignal;
  /** The model that is asked now. */
  readonly onModel?: (id: string, role: ModelCheck['role']) => void;
  /** After every piece of weights that come from the hub. */
  readonly onDownload?: FetchOptions['onDownload'];
  /** What happens to servers that stemma starts. */
  readonly onServer?: (event: ServerEvent) => void;
}

/** An agent's trial that takes longer is stopped: a check is to tell whether it works. */
const LONGEST_MS = 10 * 60_000;

/**
 * Asks each stage and each judge one real sample of each eval, finds out what their servers do with a request, and whether they
 * sample. Nothing is recorded in a run folder. Models are asked one after the other, so that speeds are their own.
 *
 * @throws InputError, MissingPartError where a model can't be opened; ModelError (`cancelled`) when the signal aborts
 */
export async function checkStudy(study: Study, options: CheckOptions): Promise<StudyCheck> {
  const { checkpoints, signal, onModel, onServer, onDownload } = options;
  const isServing = study.serving !== undefined;
  if (isServing) {
    const fetching = await fetchWeights(study, {
      signal,
      ...(onDownload === undefined ? {} : { onDownload }),
    });
    if (fetching !== null) signal.throwIfAborted();
  }
  const weights = isServing ? await stageWeights(study, checkpoints, {}) : new Map();
  await using serving = await serveStages(study, {
    checkpoints,
    weights,
    onFail: () => {},
    ...(onServer === undefined ? {} : { onEvent: onServer }),
  });
  await using models = openRunModels(
    {
      folder: study.folder,
      endpoints: study.endpoints,
      transcripts: transcriptsOf,
      ...(serving === null ? {} : { servedAt: serving.servedAt }),
    },
    checkpoints,
  );
  await using sandboxes = new RunSandboxes(study.sandbox);
  const at = new Date().toISOString();
  const bench = { study, models, sandboxes, signal };
  const checks: ModelCheck[] = [];
  const answers = new Map<string, Transcript>();
  const samples = new Map<string, Sample>();
  for (const entry of study.evals) samples.set(entry.id, await firstSample(entry));
  for (const stage of study.stages) {
    if (stage.again !== undefined) continue;
    await serving?.use(serving.groups.find((group) => group.includes(stage.id)) ?? [], signal);
    onModel?.(stage.id, 'stage');
    checks.push(await checkStage(bench, stage, samples, answers));
  }
  for (const rater of study.raters) {
    if (rater.kind !== 'autorater') continue;
    onModel?.(rater.id, 'judge');
    checks.push(await checkJudge(bench, rater, answers));
  }
  return { at, study: study.name, models: checks, warnings: checkWarnings(study, checks) };
}

/** What a check works with. */
interface Bench {
  readonly study: Study;
  readonly models: Models;
  readonly sandboxes: RunSandboxes;
  readonly signal: AbortSignal;
}

/** @param answers gets the first answer to each eval that can be rated */
async function checkStage(
  bench: Bench,
  stage: StageSpec,
  samples: ReadonlyMap<string, Sample>,
  answers: Map<string, Transcript>,
): Promise<ModelCheck> {
  const sampling = samplingOf(bench.study, stage);
  return checkModel(bench, { id: stage.id, role: 'stage', spec: stage.model, sampling }, async (model) => {
    const checks: SampleCheck[] = [];
    for (const entry of bench.study.evals) {
      const heard = new HeardModel(model);
      const sample = samples.get(entry.id)!;
      const subject = toldModel(heard, stage.system);
      const transcript = await elicited(bench, entry, { stage: stage.id, sample, sampling, subject });
      const ratings = await ratedByRules(bench, entry, transcript);
      checks.push(sampleCheck(entry.id, sample.id, heard.calls, transcript, ratings));
      if (!(transcript instanceof Error) && transcript.status !== 'error' && !answers.has(entry.id))
        answers.set(entry.id, transcript);
      if (transcript instanceof ModelError && transcript.fatal) break;
    }
    return checks;
  });
}

/** What the study's rules make of a stage's answer: rules cost nothing. The scorers of an Inspect task are such rules. */
async function ratedByRules(
  { study, signal }: Bench,
  { eval: code }: EvalEntry,
  transcript: Transcript | Error,
): Promise<readonly Rating[]> {
  if (transcript instanceof Error || hasNoAnswer(transcript.status)) return [];
  const rules = openRaters(study.raters.filter(({ kind }) => kind === 'rule'));
  const ratings = await Promise.all(rules.map((rule) => rateTranscript(code, transcript, rule, { signal })));
  return ratings.flat();
}

async function checkJudge(
  bench: Bench,
  spec: AutoraterSpec,
  answers: ReadonlyMap<string, Transcript>,
): Promise<ModelCheck> {
  const sampling = { ...judgeSampling, ...spec.sampling };
  return checkModel(bench, { id: spec.id, role: 'judge', spec: spec.model, sampling }, async (model) => {
    const checks: SampleCheck[] = [];
    for (const entry of bench.study.evals) {
      const transcript = answers.get(entry.id);
      if (transcript === undefined) continue;
      const heard = new HeardModel(model);
      const [rater] = openRaters([isModel(spec.model) ? { ...spec, model: heard } : spec], {
        open: async () => heard,
      });
      const ratings = await orError(bench.signal, () =>
        rateTranscript(entry.eval, transcript, rater!, { signal: bench.signal }),
      );
      const failed = ratings instanceof Error ? ratings : null;
      const given = ratings instanceof Error ? [] : ratings;
      checks.push(sampleCheck(entry.id, transcript.trial.sample, heard.calls, failed, given));
    }
    return checks;
  });
}

interface AskedEndpoint {
  readonly id: string;
  readonly role: ModelCheck['role'];
  readonly spec: StageSpec['model'];
  readonly sampling: Sampling;
}

/** @param put puts the samples to it */
async function checkModel(
  { models, signal }: Bench,
  { id, role, spec, sampling }: AskedEndpoint,
  put: (model: Model) => Promise<readonly SampleCheck[]>,
): Promise<ModelCheck> {
  const about = { id, role, ref: spec.ref };
  const model = await orError(signal, async () => (isModel(spec) ? spec : await models.open(spec)));
  if (model instanceof Error) return { ...about, ...NOT_ASKED, error: model.message };
  await models.learnServers(signal);
  const server = serverOf(models, { model, sampling });
  const heard = new HeardModel(model);
  const samples = await put(heard);
  const speed = tokensPerSecond(heard.calls);
  const served = namesIn(heard.calls);
  const isServer = models.describe(model, { messages: [], sampling }) !== null;
  const failed = samples.every(({ answer }) => answer === null);
  if (!isServer || failed) {
    const error = failed ? samples.find((sample) => sample.error !== undefined)?.error : undefined;
    const said = error === undefined ? {} : { error };
    return { ...about, ...NOT_ASKED, server, served, samples, tokensPerSecond: speed, ...said };
  }
  const sampled = sampling.temperature !== 0 && sampling.temperature !== null;
  const probe = sampled ? await probeSampling(new HeardModel(model), sampling.topP, signal) : null;
  const tried = await orError(signal, () => whatIsTaken(new HeardModel(model), server, signal));
  return {
    ...about,
    server,
    served,
    samples,
    takes: tried instanceof Error ? null : { ...tried, seed: fateOfSeed(spec.ref, probe) },
    sampling: probe,
    tokensPerSecond: speed,
  };
}

const NOT_ASKED = {
  server: null,
  served: [],
  samples: [],
  takes: null,
  sampling: null,
  tokensPerSecond: null,
} as const satisfies Partial<ModelCheck>;

async function firstSample({ id, eval: code, options }: EvalEntry): Promise<Sample> {
  for await (const sample of code.samples(options)) return sample;
  throw new StemmaError(`the eval "${id}" has no sample`);
}

interface Elicitation {
  readonly stage: string;
  readonly sample: Sample;
  readonly sampling: Sampling;
  readonly subject: Model;
}

function elicited(
  { sandboxes, signal }: Bench,
  { id, eval: code }: EvalEntry,
  { stage, sample, sampling, subject }: Elicitation,
): Promise<Transcript | Error> {
  const trial = { stage, eval: id, sample: sample.id, epoch: 1 };
  return orError(signal, () =>
    code.elicit(sample, subject, {
      trial,
      attempt: 1,
      sampling: { ...sampling, seed: sampling.seed === null ? null : trialSeed(sampling.seed, trial) },
      samplingDigest: digestOf(sampling),
      signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]),
      sandboxes,
    }),
  );
}

/** What went wrong is a result of the check, unless the user stopped it. */
async function orError<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | Error> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted || !(error instanceof Error)) throw error;
    return error;
  }
}

/** @param came a stage's transcript, or what kept the answer away */
function sampleCheck(
  evalId: string,
  sample: string,
  calls: readonly HeardCall[],
  came: Transcript | Error | null,
  ratings: readonly Rating[],
): SampleCheck {
  const transcript = came instanceof Error ? null : came;
  const error = came instanceof Error ? came.message : transcript?.error?.message;
  const generations = calls.flatMap(({ outcome }) => (outcome instanceof ModelError ? [] : [outcome]));
  const last = generations.at(-1);
  const sum = (
    count: (usage: { inputTokens: number | null; outputTokens: number | null }) => number | null,
  ) => {
    const counts = generations.flatMap(({ usage }) => count(usage) ?? []);
    return counts.length === 0 ? null : counts.reduce((total, each) => total + each, 0);
  };
  return {
    eval: evalId,
    sample,
    sent: calls[0]?.request.messages ?? [],
    tools: (calls[0]?.request.tools ?? []).map(({ name }) => name),
    calls: calls.length,
    answer: last === undefined ? null : saidIn(last),
    stop: last?.stop ?? null,
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    durationMs: Math.round(calls.reduce((total, { durationMs }) => total + durationMs, 0)),
    signs: transcript === null ? [] : signsOf(transcript),
    ratings: ratings.map(({ measure, status, value, label, explanation }) => ({
      measure,
      status,
      value,
      ...(label === undefined ? {} : { label }),
      ...(explanation === undefined ? {} : { explanation }),
    })),
    ...(error === undefined ? {} : { error }),
  };
}

function namesIn(calls: readonly HeardCall[]): readonly Served[] {
  const served = calls.flatMap(({ outcome }) =>
    outcome instanceof ModelError || outcome.served === undefined ? [] : [outcome.served],
  );
  return [...new Map(served.map(({ fingerprint: _, ...name }) => [JSON.stringify(name), name])).values()];
}
