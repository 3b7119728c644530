import { trialError } from '../agent/outcome.ts';
import { assistantMessage } from '../core/assistant-message.ts';
import {
  type Generation,
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
 * @param likelihoodOf texts of which is asked how likely they are, in place of a response
 * @throws whatever the model throws once the signal has aborted, and a fatal ModelError: both stop the run
 */
export function elicitSingleTurn(
  sample: Sample,
  subject: Model,
  context: TrialContext,
  likelihoodOf?: readonly string[],
): Promise<Transcript> {
  return trialTranscript(sample, context, () => ask(sample, subject, context, likelihoodOf));
}

async function ask(
  sample: Sample,
  subject: Model,
  context: TrialContext,
  likelihoodOf: readonly string[] | undefined,
): Promise<TrialOutcome> {
  const { sampling, signal } = context;
  const request = { messages: sample.input, sampling };
  let generation: Generation;
  try {
    generation = await subject.generate(
      likelihoodOf === undefined ? request : { ...request, likelihoodOf },
      signal,
    );
  } catch (error) {
    if (!(error instanceof ModelError) || error.fatal || signal.aborted) throw error;
    return failed(error);
  }
  return answered(generation, context);
}

function answered(generation: Generation, { sampling }: TrialContext): TrialOutcome {
  const { thoughts, response, toolCalls, stop, usage, served, raw, attempts, likelihoods } = generation;
  return {
    status: stop === 'length' ? 'limit' : 'completed',
    output: [assistantMessage(response, thoughts, toolCalls)],
    thoughts: thoughts ?? null,
    response,
    ...(likelihoods === undefined ? {} : { likelihoods }),
    stop,
    ...(stop === 'length' ? { limit: { kind: 'tokens', value: sampling.maxTokens } } : {}),
    usage,
    ...(served === undefined ? {} : { served: [served] }),
    requests: attempts ?? 1,
    raw: [raw],
    calls: 1,
  };
}

function failed(error: ModelError): TrialOutcome {
  return {
    status: 'error',
    output: [],
    thoughts: null,
    response: null,
    error: trialError(error),
    usage: noUsage,
    requests: error.attempts,
    raw: [],
    calls: 1,
  };
}
