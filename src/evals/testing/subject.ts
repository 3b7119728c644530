import {
  type GenerateRequest,
  type Generation,
  MissingPartError,
  type Model,
  type Sandboxes,
  type TrialContext,
} from '../../core/index.ts';

/** A checkpoint for tests: gives one answer, or throws it, and keeps what it was asked. */
export function subject(
  answer: Partial<Generation> | Error,
): Model & { readonly requests: GenerateRequest[] } {
  const requests: GenerateRequest[] = [];
  return {
    ref: 'scripted:subject',
    requests,
    generate: async (request, signal) => {
      signal.throwIfAborted();
      requests.push(request);
      if (answer instanceof Error) throw answer;
      return {
        response: 'Gladly.',
        toolCalls: [],
        stop: 'end',
        usage: { inputTokens: 12, outputTokens: 3 },
        raw: { id: 'body-1' },
        attempts: 1,
        ...answer,
      };
    },
  };
}

/** For evals that happen in no sandbox. */
export const noSandboxes: Sandboxes = {
  engine: 'bubblewrap',
  open: async () => {
    throw new MissingPartError('this test has no sandbox');
  },
  [Symbol.asyncDispose]: async () => {},
};

export function trialContext(overrides: Partial<TrialContext> = {}): TrialContext {
  return {
    trial: { stage: 'sft', eval: 'refusals', sample: 'homonym-01', epoch: 2 },
    attempt: 1,
    sampling: { temperature: 1, topP: null, maxTokens: 64, seed: 42 },
    samplingDigest: '5'.repeat(32),
    signal: new AbortController().signal,
    sandboxes: noSandboxes,
    ...overrides,
  };
}
