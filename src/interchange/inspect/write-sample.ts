import {
  digestOf,
  type Json,
  type JsonObject,
  type Message,
  type Rating,
  type Transcript,
} from '../../core/index.ts';
import { present } from './inspect-json.ts';
import { writeMessage } from './write-messages.ts';
import { writeScores } from './write-scores.ts';

/**
 * A trial as a sample of an Inspect log.
 *
 * @param model the name of the model that was under test
 */
export function writeSample(transcript: Transcript, ratings: readonly Rating[], model: string): JsonObject {
  const { trial, input, output, metadata, usage, error, limit, startedAt, durationMs } = transcript;
  const { inspect: asked = {}, ...others } = metadata;
  const known = asked as JsonObject;
  const messages = [
    ...input.map((message) => writeMessage(message, 'input')),
    ...output.map((message) => writeMessage(message, 'generate')),
  ];
  const last = output.findLast(({ role }) => role === 'assistant');
  const tokens =
    usage.inputTokens === null && usage.outputTokens === null
      ? undefined
      : present({
          input_tokens: usage.inputTokens ?? 0,
          output_tokens: usage.outputTokens ?? 0,
          total_tokens: (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0),
          reasoning_tokens: usage.thoughtTokens ?? undefined,
          input_tokens_cache_read: usage.cachedInputTokens ?? undefined,
        });
  return present({
    id: trial.sample,
    epoch: trial.epoch,
    uuid: digestOf(transcript.key).slice(0, 22),
    input: inputOf((known.input as readonly Message[] | undefined) ?? input),
    target: known.target ?? '',
    choices: known.choices,
    messages,
    output: present({
      model: transcript.served?.[0]?.model ?? '',
      choices:
        last === undefined
          ? []
          : [{ message: writeMessage(last, 'generate'), stop_reason: STOPS[transcript.stop ?? 'other'] }],
      usage: tokens,
      time: durationMs === null ? undefined : durationMs / 1000,
    }),
    scores: writeScores(ratings),
    metadata: {
      ...others,
      stemma: { cluster: transcript.cluster, sampling: transcript.digests.sampling, seed: transcript.seed },
    },
    store: {},
    events: [],
    attachments: {},
    model_usage: tokens === undefined ? {} : { [model]: tokens },
    started_at: startedAt ?? undefined,
    total_time: durationMs === null ? undefined : durationMs / 1000,
    error: error && { message: error.message, traceback: error.raw ?? '', traceback_ansi: error.raw ?? '' },
    limit: limit && { type: LIMITS[limit.kind], limit: limit.value },
  });
}

/** One message of a user is a text, as most samples of Inspect have it. */
function inputOf(messages: readonly Message[]): Json {
  const [only, ...more] = messages;
  if (only?.role === 'user' && more.length === 0) return only.content;
  return messages.map((message) => writeMessage(message, 'input'));
}

const STOPS = {
  end: 'stop',
  length: 'max_tokens',
  'tool-calls': 'tool_calls',
  refusal: 'content_filter',
  other: 'unknown',
};
const LIMITS = { tokens: 'token', steps: 'message', time: 'time' };
