import {
  canonicalJson,
  InputError,
  type Json,
  type JsonObject,
  type Message,
  noUsage,
  requireStorableId,
  type Sample,
  type Served,
  type StopReason,
  sampleDigest,
  type Transcript,
  type TrialError,
  type TrialId,
  trialKey,
  type Usage,
} from '../../core/index.ts';
import { MOST_EPOCHS } from '../../core/most-epochs.ts';
import { isObject } from '../../core/parsed-json.ts';
import { asList, asNumber, asObject, asObjects, asText } from './json-access.ts';
import type { RawSample } from './log.ts';
import { readMessage, resolved } from './messages.ts';
import { type ReadScore, readScores } from './scores.ts';

/** A sample of one epoch, read: what was asked, what came of it, and its scores. */
export interface ReadSample {
  readonly sample: Sample;
  readonly epoch: number;
  readonly scores: readonly ReadScore[];
  /** Whether it ended with an error, or was declared invalid. */
  readonly failed: boolean;
  transcript(about: {
    readonly trial: TrialId;
    readonly samplingDigest: string;
    readonly seed: number | null;
  }): Transcript;
}

/**
 * Reads a sample of a log.
 *
 * The digest that stages are compared by covers what was asked: id, cluster, input, target and choices. The metadata stay
 * out of it, because solvers write into them.
 *
 * @param clusterPath where in the metadata the cluster is, such as `theme` or `source.topic`; `null`: each its own
 * @throws InputError naming file and sample for what is not as Inspect writes it
 */
export function readSample(
  raw: RawSample,
  file: string,
  model: string,
  clusterPath: string | null,
): ReadSample {
  const { body, resolve } = raw;
  const { id: written, epoch } = body;
  const wrong = (what: string, remedy?: string) =>
    new InputError(`${raw.where}: ${what}`, { place: { file }, ...(remedy === undefined ? {} : { remedy }) });
  if ((typeof written !== 'string' && typeof written !== 'number') || written === '')
    throw wrong('the sample has no id');
  if (!Number.isInteger(epoch) || (epoch as number) < 1 || (epoch as number) > MOST_EPOCHS)
    throw wrong(`"${epoch}" is not an epoch: a whole number from 1 to ${MOST_EPOCHS}`);
  const id = String(written);
  requireStorableId(id, `${raw.where}: the sample's id`, { file });
  const { target, choices } = body;
  const asked = {
    ...(target === undefined ? {} : { target: resolved(target, resolve) }),
    ...(choices === undefined || choices === null ? {} : { choices: resolved(choices, resolve) }),
  };
  const { stemma, ...metadata } = asObject(resolved(raw.metadata, resolve));
  const own = asObject(stemma);
  const cluster =
    clusterPath === null ? (asText(own.cluster) ?? id) : clusterOf(metadata, clusterPath, wrong);
  requireStorableId(cluster, `${raw.where}: the cluster`, { file });
  const sample: Sample = { id, cluster, input: readInput(body.input, raw), metadata: asked };
  return {
    sample,
    epoch: epoch as number,
    scores: readScores(scoresOf(body)),
    failed: errorOf(body) !== null,
    transcript: ({ trial, samplingDigest, seed }) =>
      transcriptOf(raw, sample, {
        trial,
        samplingDigest: asText(own.sampling) ?? samplingDigest,
        seed: isObject(stemma) ? asNumber(own.seed) : seed,
        metadata,
        model,
      }),
  };
}

/** Logs of 2024 have one score without the name of a scorer. */
function scoresOf(body: JsonObject): JsonObject {
  return isObject(body.score) ? { score: body.score } : asObject(body.scores);
}

function clusterOf(
  metadata: JsonObject,
  path: string,
  wrong: (what: string, remedy: string) => InputError,
): string {
  let value: Json | undefined = metadata;
  for (const key of path.split('.')) value = asObject(value)[key];
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw wrong(
    `the metadata have no ${path}, which is to be the cluster`,
    `Its metadata have: ${Object.keys(metadata).join(', ') || '(nothing)'}.`,
  );
}

function readInput(input: Json | undefined, { resolve }: RawSample): Message[] {
  if (typeof input === 'string') return [{ role: 'user', content: resolve(input) }];
  return asObjects(input).flatMap((message) => readMessage(message, resolve));
}

function transcriptOf(
  raw: RawSample,
  sample: Sample,
  about: {
    readonly trial: TrialId;
    readonly samplingDigest: string;
    readonly seed: number | null;
    readonly metadata: JsonObject;
    readonly model: string;
  },
): Transcript {
  const { body } = raw;
  const { input, output } = conversation(raw, sample);
  const turns = output.filter((message) => message.role === 'assistant');
  const last = turns.at(-1);
  const error = errorOf(body);
  const limit = isObject(body.limit) ? body.limit : null;
  const scored = Object.keys(scoresOf(body)).length > 0;
  const silent = turns.every(({ content, toolCalls }) => content === '' && (toolCalls ?? []).length === 0);
  const seconds = asNumber(body.total_time);
  const served = servedBy(body);
  const stop = STOPS[asText(asObject(asList(asObject(body.output).choices)[0]).stop_reason) ?? ''];
  return {
    key: trialKey(about.trial),
    trial: about.trial,
    attempt: 1,
    // What Inspect has scored has an answer in its eyes, an empty one too.
    status: error !== null ? 'error' : limit !== null ? 'limit' : silent && !scored ? 'empty' : 'completed',
    cluster: sample.cluster,
    digests: { sample: sampleDigest(sample), sampling: about.samplingDigest },
    seed: about.seed,
    metadata: { ...about.metadata, inspect: { ...sample.metadata, ...askedOtherwise(sample, input) } },
    input,
    ...(served === null ? {} : { served: [served] }),
    output,
    thoughts: last?.thoughts ?? null,
    response: last?.content ?? null,
    ...(stop === undefined ? {} : { stop }),
    ...limitOf(limit),
    ...(error === null ? {} : { error }),
    usage: usageOf(body, about.model),
    startedAt: asText(body.started_at),
    durationMs: seconds === null ? null : seconds * 1000,
    calls: turns.length,
    requests: turns.length,
    raw: [],
  };
}

/** What was put to the checkpoint, and what came of it: from the first message that it generated. */
function conversation(
  raw: RawSample,
  sample: Sample,
): { input: readonly Message[]; output: readonly Message[] } {
  const { messages, body, resolve } = raw;
  const read = (some: readonly JsonObject[]) => some.flatMap((message) => readMessage(message, resolve));
  const first = messages.findIndex(({ role, source }) => role === 'assistant' && source !== 'input');
  if (first !== -1) return { input: read(messages.slice(0, first)), output: read(messages.slice(first)) };
  const answer = asObject(asList(asObject(body.output).choices)[0]).message;
  return {
    input: messages.length === 0 ? sample.input : read(messages),
    output: isObject(answer) ? readMessage(answer, resolve) : [],
  };
}

/** The sample's own input, where solvers put something else to the checkpoint. */
function askedOtherwise({ input: asked }: Sample, input: readonly Message[]): JsonObject {
  return canonicalJson(asked) === canonicalJson(input) ? {} : { input: asked as unknown as Json };
}

function errorOf(body: JsonObject): TrialError | null {
  if (isObject(body.error)) {
    const { message, traceback } = body.error;
    return {
      kind: 'internal',
      message: asText(message) ?? 'unknown error',
      ...(typeof traceback === 'string' ? { raw: traceback } : {}),
    };
  }
  if (!isObject(body.invalidation)) return null;
  const { author, reason } = body.invalidation;
  const by = asText(author) === null ? '' : ` by ${author}`;
  return { kind: 'internal', message: `invalidated in Inspect${by}: ${asText(reason) ?? 'no reason given'}` };
}

const STOPS: Readonly<Record<string, StopReason>> = {
  stop: 'end',
  max_tokens: 'length',
  model_length: 'length',
  tool_calls: 'tool-calls',
  content_filter: 'refusal',
  unknown: 'other',
};

const LIMITS: Readonly<Record<string, NonNullable<Transcript['limit']>['kind']>> = {
  context: 'tokens',
  token: 'tokens',
  time: 'time',
  working: 'time',
  message: 'steps',
  turn: 'steps',
};

function limitOf(limit: JsonObject | null): Pick<Transcript, 'limit'> {
  const kind = LIMITS[asText(limit?.type) ?? ''];
  return kind === undefined ? {} : { limit: { kind, value: asNumber(limit?.limit) ?? 0 } };
}

/** The tokens of the model under test; judges and tools have their own. */
function usageOf(body: JsonObject, model: string): Usage {
  const byModel = asObject(body.model_usage);
  const own = isObject(byModel[model]) ? byModel[model] : asObject(body.output).usage;
  if (!isObject(own)) return noUsage;
  const thoughts = asNumber(own.reasoning_tokens);
  const cached = asNumber(own.input_tokens_cache_read);
  return {
    inputTokens: asNumber(own.input_tokens),
    outputTokens: asNumber(own.output_tokens),
    ...(thoughts === null ? {} : { thoughtTokens: thoughts }),
    ...(cached === null ? {} : { cachedInputTokens: cached }),
  };
}

/** Where several models had a part, the last output does not say which of them was under test. */
function servedBy(body: JsonObject): Served | null {
  const model = asText(asObject(body.output).model);
  return model === null || model === '' || Object.keys(asObject(body.model_usage)).length > 1
    ? null
    : { model };
}
