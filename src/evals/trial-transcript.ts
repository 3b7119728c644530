import {
  type Sample,
  sampleDigest,
  signsOf,
  type Transcript,
  type TrialContext,
  trialKey,
} from '../core/index.ts';

/** What came of putting a sample to a checkpoint: all of a transcript that the trial itself does not say. */
export type TrialOutcome = Pick<
  Transcript,
  'status' | 'output' | 'thoughts' | 'response' | 'usage' | 'calls' | 'requests' | 'raw'
> &
  Partial<Pick<Transcript, 'input' | 'likelihoods' | 'state' | 'stop' | 'limit' | 'error' | 'served'>>;

/** The transcript of a trial: carries it out, and notes when it began and how long it took. @throws what carrying it out does */
export async function trialTranscript(
  sample: Sample,
  context: TrialContext,
  carryOut: () => Promise<TrialOutcome>,
): Promise<Transcript> {
  const startedAt = new Date().toISOString();
  const start = performance.now();
  const outcome = await carryOut();
  return {
    key: trialKey(context.trial),
    trial: context.trial,
    attempt: context.attempt,
    cluster: sample.cluster,
    digests: { sample: sampleDigest(sample), sampling: context.samplingDigest },
    seed: context.sampling.seed,
    metadata: sample.metadata,
    input: sample.input,
    ...outcome,
    status: statusOf(outcome),
    startedAt,
    durationMs: Math.round(performance.now() - start),
  };
}

/** An answer without any text and any tool call is empty, unless a filter of the provider's stopped it: that is a refusal. */
function statusOf({ status, stop, output, response }: TrialOutcome): TrialOutcome['status'] {
  if (status === 'error' || stop === 'refusal') return status;
  return signsOf({ status, output, response }).includes('empty') ? 'empty' : status;
}
