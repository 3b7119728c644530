import {
  type Generation,
  type Message,
  type Model,
  ModelError,
  noUsage,
  type Sample,
  type Transcript,
  type TrialContext,
} from '../core/index.ts';
import { type TrialOutcome, trialTranscript } from './trial-transcript.ts';

/**
 * Puts a sample's messages to a checkpoint once, with no tools, and keeps what came of it.
 *
 * A response that the token limit cut off has status `limit` and is rated as it stands. A call that failed after its
 * retries has status `error`, with the provider's body as far as it came.
 *
 * @throws whatever the model throws once the signal has aborted, and a fatal ModelError: both stop the run
 */
export function elicitSingleTurn(sample: Sample, subject: Model, context: TrialContext): Promise<Transcript> {
  return trialTranscript(sample, context, async () => {
    const outcome = await ask(sample, subject, context);
    const result = outcome instanceof ModelError ? failed(outcome) : answered(outcome, context);
    return { ...result, calls: 1 };
  });
}

async function ask(sample: Sample, subject: Model, context: TrialContext): Promise<Generation | ModelError> {
  const { sampling, signal } = context;
  try {
    return await subject.generate({ messages: sample.input, sampling }, signal);
  } catch (error) {
    if (!(error instanceof ModelError) || error.fatal || signal.aborted) throw error;
    return error;
  }
}

type SingleTurnOutcome = Omit<TrialOutcome, 'calls'>;

function answered(generation: Generation, { sampling }: TrialContext): SingleTurnOutcome {
  const { thoughts, response, toolCalls, stop, usage, served, raw, attempts } = generation;
  const message: Message = {
    role: 'assistant',
    content: response,
    ...(thoughts === undefined ? {} : { thoughts }),
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
  };
  return {
    status: stop === 'length' ? 'limit' : 'completed',
    output: [message],
    thoughts: thoughts ?? null,
    response,
    stop,
    ...(stop === 'length' ? { limit: { kind: 'tokens', value: sampling.maxTokens } } : {}),
    usage,
    ...(served === undefined ? {} : { served: [served] }),
    requests: attempts ?? 1,
    raw: [raw],
  };
}

function failed({ kind, message, status, raw, attempts }: ModelError): SingleTurnOutcome {
  return {
    status: 'error',
    output: [],
    thoughts: null,
    response: null,
    error: {
      kind,
      message,
      ...(status === undefined ? {} : { status }),
      ...(raw === undefined ? {} : { raw }),
    },
    usage: noUsage,
    requests: attempts,
    raw: [],
  };
}
