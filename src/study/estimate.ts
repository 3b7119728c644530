import type { Model, Question } from '../core/index.ts';
import { type EndpointSettings, type ModelSpec, parseModelRef, settingsByBaseUrl } from '../models/index.ts';
import { judgePrompt, judgeSampling } from '../raters/index.ts';
import type { SampleSurvey } from './samples.ts';
import { type AutoraterSpec, type StageSpec, type Study, samplingOf } from './study.ts';

/*
 * What a run will ask for, before it is run. Tokens are estimates: nobody's tokenizer is at hand, so an input token is
 * taken for four characters (about right for English, too few for most other languages and for code). How long answers
 * will be is not known, only how long they may be; so every count has two forms, at most and as is usual. Retries, and
 * judges who must be asked twice, are not counted.
 */

export const CHARACTERS_A_TOKEN = 4;
/** What a protocol adds around a message: role, separators. */
const TOKENS_A_MESSAGE = 4;
/** A chat model's usual answer to one question. A guess: real ones go from a one-line refusal to a page. */
export const USUAL_RESPONSE_TOKENS = 350;
/** A judge's label with a sentence or two of reason; judges that think use several times as many. */
export const USUAL_JUDGEMENT_TOKENS = 120;

export interface Tokens {
  readonly input: number;
  readonly output: number;
}

/** Tokens or dollars, if every answer is as long as it may be, and if answers are as long as they usually are. */
export interface Bounds<T> {
  readonly atMost: T;
  readonly usual: T;
}

/** What one endpoint is asked for. */
export interface EndpointLoad {
  /** A provider or base URL; `scripted`, `replay`, or the ref of a model object. */
  readonly endpoint: string;
  /** The refs of the models asked there, stages before judges. */
  readonly models: readonly string[];
  readonly calls: number;
  readonly tokens: Bounds<Tokens>;
  /** `null` where no price is known. */
  readonly usd: Bounds<number> | null;
  /** What its rate limits allow no faster than; `null` where it has none. */
  readonly fastestMs: number | null;
}

/** One model's share of the work. */
interface Load {
  readonly model: ModelSpec | Model;
  readonly calls: number;
  readonly tokens: Bounds<Tokens>;
}

/** The calls and tokens of a study by endpoint. @param surveys those of its evals, in their order */
export function estimateLoads(study: Study, surveys: readonly SampleSurvey[]): EndpointLoad[] {
  const loads = [
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

function stageLoad(study: Study, stage: StageSpec, surveys: readonly SampleSurvey[]): Load {
  const { maxTokens } = samplingOf(study, stage);
  const usual = Math.min(maxTokens, USUAL_RESPONSE_TOKENS);
  let calls = 0;
  let input = 0;
  for (const [index, { epochs }] of study.evals.entries()) {
    calls += surveys[index]!.count * epochs;
    input += promptTokens(surveys[index]!) * epochs;
  }
  return {
    model: stage.model,
    calls,
    tokens: { atMost: { input, output: calls * maxTokens }, usual: { input, output: calls * usual } },
  };
}

/** All messages of all samples, once. */
function promptTokens({ inputCharacters, inputMessages }: SampleSurvey): number {
  return Math.ceil(inputCharacters / CHARACTERS_A_TOKEN) + inputMessages * TOKENS_A_MESSAGE;
}

/** A judge reads every stage's transcripts: the rubric, the prompt, the response. */
function judgeLoad(study: Study, judge: AutoraterSpec, surveys: readonly SampleSurvey[]): Load {
  const maxTokens = judge.sampling?.maxTokens ?? judgeSampling.maxTokens;
  const total = { calls: 0, atMost: 0, usual: 0 };
  for (const [index, entry] of study.evals.entries()) {
    const trials = surveys[index]!.count * entry.epochs;
    for (const stage of study.stages) {
      const longest = samplingOf(study, stage).maxTokens;
      for (const question of entry.eval.questions) {
        const read = promptTokens(surveys[index]!) * entry.epochs + rubricTokens(question) * trials;
        total.calls += trials;
        total.atMost += read + longest * trials;
        total.usual += read + Math.min(longest, USUAL_RESPONSE_TOKENS) * trials;
      }
    }
  }
  const usualOutput = total.calls * Math.min(maxTokens, USUAL_JUDGEMENT_TOKENS);
  return {
    model: judge.model,
    calls: total.calls,
    tokens: {
      atMost: { input: total.atMost, output: total.calls * maxTokens },
      usual: { input: total.usual, output: usualOutput },
    },
  };
}

/** The judge's instructions and all that stands around a transcript. */
function rubricTokens({ rubric }: Question): number {
  const empty: Parameters<typeof judgePrompt>[1] = {
    input: [],
    output: [],
    response: '',
    thoughts: null,
    status: 'completed',
  };
  const { messages } = judgePrompt(rubric, empty);
  const characters = messages.reduce((sum, { content }) => sum + content.length, 0);
  return Math.ceil(characters / CHARACTERS_A_TOKEN) + messages.length * TOKENS_A_MESSAGE;
}

interface Endpoint {
  readonly name: string;
  readonly baseUrl: string | null;
  /** Whether its answers cost nothing whatever their number. */
  readonly free: boolean;
}

/** Where a ref's calls go. A model object may have a ref of its own making. */
export function endpointOf(ref: string): Endpoint {
  try {
    const { protocol, endpoint, baseUrl } = parseModelRef(ref);
    if (protocol === 'scripted' || protocol === 'replay' || protocol === 'organism')
      return { name: protocol, baseUrl: null, free: true };
    return { name: endpoint, baseUrl: baseUrl ?? null, free: false };
  } catch {
    return { name: ref, baseUrl: null, free: false };
  }
}

function endpointLoad(loads: readonly Load[], settings: EndpointSettings = {}): EndpointLoad {
  const { name: endpoint, free } = endpointOf(loads[0]!.model.ref);
  const { price, requestsPerMinute, tokensPerMinute } = settings;
  const calls = loads.reduce((sum, load) => sum + load.calls, 0);
  const tokens = { atMost: sumTokens(loads, 'atMost'), usual: sumTokens(loads, 'usual') };
  const known = free ? { input: 0, output: 0 } : price;
  const cost = ({ input, output }: Tokens) => (input * known!.input + output * known!.output) / 1e6;
  const minutes = [
    ...(requestsPerMinute === undefined ? [] : [calls / requestsPerMinute]),
    ...(tokensPerMinute === undefined ? [] : [(tokens.usual.input + tokens.usual.output) / tokensPerMinute]),
  ];
  return {
    endpoint,
    models: [...new Set(loads.map(({ model }) => model.ref))],
    calls,
    tokens,
    usd: known === undefined ? null : { atMost: cost(tokens.atMost), usual: cost(tokens.usual) },
    fastestMs: minutes.length === 0 ? null : Math.max(...minutes) * 60_000,
  };
}

function sumTokens(loads: readonly Load[], which: keyof Bounds<Tokens>): Tokens {
  return {
    input: loads.reduce((sum, load) => sum + load.tokens[which].input, 0),
    output: loads.reduce((sum, load) => sum + load.tokens[which].output, 0),
  };
}
