import {
  costOf,
  type EndpointSettings,
  type Price,
  parseModelRef,
  priceOf,
  secretNames,
  settingsByBaseUrl,
} from '../../models/index.ts';
import type { Judging } from '../../raters/index.ts';
import type { SampleSurvey } from '../samples.ts';
import { type EvalEntry, type StageSpec, type Study, samplingOf } from '../study.ts';
import { agentSize } from './agent-size.ts';
import { hasBattery, judgeLoad } from './judge-load.ts';
import {
  type Bounds,
  type ModelLoad,
  promptTokens,
  type Tokens,
  USUAL_RESPONSE_TOKENS,
} from './load-size.ts';

export type { Bounds, Tokens } from './load-size.ts';

/** What one endpoint is asked for. */
export interface EndpointLoad extends Pick<ModelLoad, 'calls' | 'callsAtMost' | 'tokens'> {
  /** A provider or base URL; `scripted`, `replay`, or the ref of a model object. */
  readonly endpoint: string;
  /** The refs of the models asked there, stages before judges. */
  readonly models: readonly string[];
  /** What each stage and each judge is asked there, as is usual. */
  readonly parts: readonly Pick<ModelLoad, 'id' | 'role' | 'calls'>[];
  /** `null` where a price is not known. */
  readonly usd: Bounds<number> | null;
  /** Those of its models whose price nobody gave. */
  readonly unpriced: readonly string[];
  /** What its rate limits allow no faster than; `null` where it has none. */
  readonly fastestMs: number | null;
  /** With its port where it has one; `null` where nothing is sent. */
  readonly host: string | null;
  /** Environment variables whose values are sent there: keys and headers. */
  readonly secrets: readonly string[];
}

/**
 * The calls and tokens of a study by endpoint.
 *
 * @param surveys  those of its evals, in their order
 * @param teachers what stages are asked as teachers of others
 */
export function estimateLoads(
  study: Study,
  surveys: readonly SampleSurvey[],
  teachers: readonly ModelLoad[] = [],
): EndpointLoad[] {
  const loads = [
    ...teachers.filter(({ calls }) => calls > 0),
    ...study.stages.map((stage) => stageLoad(study, stage, surveys)),
    ...study.raters.flatMap((rater) => (rater.kind === 'autorater' ? judgeLoad(study, rater, surveys) : [])),
  ];
  const settings = settingsByBaseUrl(study.endpoints);
  const byEndpoint = Map.groupBy(
    loads,
    ({ model }) => endpointOf(model.ref).baseUrl ?? endpointOf(model.ref).name,
  );
  return [...byEndpoint].map(([key, parts]) => endpointLoad(parts, settings.get(key)));
}

/** What a judge takes as it is asked, and as it would be asked the other way. */
export interface JudgePlan {
  readonly id: string;
  readonly judging: Judging;
  readonly load: EndpointLoad;
  readonly other: { readonly judging: Judging; readonly load: EndpointLoad };
}

/** The autoraters of a study in which it makes a difference how they are asked. */
export function estimateJudges(study: Study, surveys: readonly SampleSurvey[]): JudgePlan[] {
  if (!study.evals.some(hasBattery)) return [];
  const settings = settingsByBaseUrl(study.endpoints);
  return study.raters.flatMap((rater) => {
    if (rater.kind !== 'autorater') return [];
    const { baseUrl, name } = endpointOf(rater.model.ref);
    const load = (judging: Judging) =>
      endpointLoad([judgeLoad(study, rater, surveys, judging)], settings.get(baseUrl ?? name));
    const judging = rater.judging ?? 'one-by-one';
    const other = judging === 'together' ? 'one-by-one' : 'together';
    return [{ id: rater.id, judging, load: load(judging), other: { judging: other, load: load(other) } }];
  });
}

function stageLoad(study: Study, stage: StageSpec, surveys: readonly SampleSurvey[]): ModelLoad {
  const { maxTokens } = samplingOf(study, stage);
  const loads = study.evals.map((entry, index) => evalLoad(entry, surveys[index]!, maxTokens));
  return {
    id: stage.id,
    role: 'stage',
    model: stage.model,
    calls: total(loads, ({ calls }) => calls),
    callsAtMost: total(loads, ({ callsAtMost }) => callsAtMost),
    tokens: { atMost: sumTokens(loads, 'atMost'), usual: sumTokens(loads, 'usual') },
  };
}

/** What one stage is asked for an eval. */
function evalLoad(
  { eval: code, epochs, options }: EvalEntry,
  survey: SampleSurvey,
  maxTokens: number,
): Pick<ModelLoad, 'calls' | 'callsAtMost' | 'tokens'> {
  const trials = survey.count * epochs;
  const input = promptTokens(survey) * epochs;
  if (survey.texts > 0) {
    // Nothing is generated; servers give one token all the same.
    const tokens = { input, output: survey.texts * epochs };
    return { calls: trials, callsAtMost: trials, tokens: { atMost: tokens, usual: tokens } };
  }
  const limits = code.conversation?.(options);
  if (limits === undefined) {
    const usual = Math.min(maxTokens, USUAL_RESPONSE_TOKENS);
    const tokens = {
      atMost: { input, output: trials * maxTokens },
      usual: { input, output: trials * usual },
    };
    return { calls: trials, callsAtMost: trials, tokens };
  }
  const { turns, tokens } = agentSize(limits, { trials, prompts: input, maxTokens });
  return { calls: trials * turns.usual, callsAtMost: trials * turns.atMost, tokens };
}

/** The sum of a count over items. */
export function total<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((sum, item) => sum + count(item), 0);
}

interface EndpointInPlan {
  readonly name: string;
  /** The model's name there. */
  readonly model: string;
  readonly baseUrl: string | null;
  /** Whether its answers cost nothing whatever their number. */
  readonly free: boolean;
}

/** Where a ref's calls go. A model object may have a ref of its own making. */
export function endpointOf(ref: string): EndpointInPlan {
  try {
    const { protocol, endpoint, baseUrl, model } = parseModelRef(ref);
    if (['scripted', 'replay', 'organism', 'served'].includes(protocol))
      return { name: protocol, model, baseUrl: null, free: true };
    return { name: endpoint, model, baseUrl: baseUrl ?? null, free: false };
  } catch {
    return { name: ref, model: ref, baseUrl: null, free: false };
  }
}

/** What one model's share of the work costs; `null` where nobody gave its price. */
export function costOfLoad(
  { model, tokens }: Pick<ModelLoad, 'model' | 'tokens'>,
  endpoints: Study['endpoints'],
): Bounds<number> | null {
  const { baseUrl, name } = endpointOf(model.ref);
  const price = priceAt(model.ref, settingsByBaseUrl(endpoints).get(baseUrl ?? name) ?? {});
  if (price === null) return null;
  const cost = ({ input, output }: Tokens) => costOf({ inputTokens: input, outputTokens: output }, price);
  return { atMost: cost(tokens.atMost), usual: cost(tokens.usual) };
}

function endpointLoad(loads: readonly ModelLoad[], settings: EndpointSettings = {}): EndpointLoad {
  const { name: endpoint, baseUrl } = endpointOf(loads[0]!.model.ref);
  const { requestsPerMinute, tokensPerMinute } = settings;
  const calls = total(loads, (load) => load.calls);
  const tokens = { atMost: sumTokens(loads, 'atMost'), usual: sumTokens(loads, 'usual') };
  const priced = loads.map((load) => ({ ...load, price: priceAt(load.model.ref, settings) }));
  const unpriced = priced.flatMap(({ model, price }) => (price === null ? [model.ref] : []));
  const cost = (which: keyof Bounds<Tokens>) =>
    total(priced, ({ price, tokens }) => {
      const { input, output } = tokens[which];
      return costOf({ inputTokens: input, outputTokens: output }, price!);
    });
  const minutes = [
    ...(requestsPerMinute === undefined ? [] : [calls / requestsPerMinute]),
    ...(tokensPerMinute === undefined ? [] : [(tokens.usual.input + tokens.usual.output) / tokensPerMinute]),
  ];
  return {
    endpoint,
    models: [...new Set(loads.map(({ model }) => model.ref))],
    parts: loads.map(({ id, role, calls }) => ({ id, role, calls })),
    calls,
    callsAtMost: total(loads, (load) => load.callsAtMost),
    tokens,
    usd: unpriced.length > 0 ? null : { atMost: cost('atMost'), usual: cost('usual') },
    unpriced: [...new Set(unpriced)],
    fastestMs: minutes.length === 0 ? null : Math.max(...minutes) * 60_000,
    host: baseUrl === null ? null : new URL(baseUrl).host,
    secrets: baseUrl === null ? [] : secretNames(baseUrl, settings, process.env),
  };
}

function priceAt(ref: string, settings: EndpointSettings): Price | null {
  const { model, free, baseUrl } = endpointOf(ref);
  return free ? { input: 0, output: 0 } : priceOf(settings, model, baseUrl);
}

/** The tokens of all of some loads. */
export function sumTokens(loads: readonly Pick<ModelLoad, 'tokens'>[], which: keyof Bounds<Tokens>): Tokens {
  return {
    input: total(loads, ({ tokens }) => tokens[which].input),
    output: total(loads, ({ tokens }) => tokens[which].output),
  };
}
