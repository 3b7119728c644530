import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type GenerateRequest,
  type Generation,
  type Model,
  ModelError,
  type ModelErrorKind,
} from '../core/index.ts';
import { StopControl } from './stop-control.ts';
import { type OutagePolicy, WatchedModel } from './watched-model.ts';

const policy: OutagePolicy = { afterFailures: 3, pausesMs: [1_000, 4_000], patienceMs: 20_000 };
const request: GenerateRequest = {
  messages: [{ role: 'user', content: 'hello' }],
  sampling: { temperature: 0, topP: null, maxTokens: 5, seed: null },
};
const answer: Generation = {
  response: 'yes',
  toolCalls: [],
  stop: 'end',
  usage: { inputTokens: 1, outputTokens: 1 },
  raw: null,
};

/** A model that fails like this, or answers for `null`; `calls` counts what came through to it. */
function endpoint() {
  const state = { failing: null as ModelErrorKind | null, calls: 0 };
  const model: Model = {
    ref: 'http://gpu1:8000/v1#sft',
    async generate(_request, signal) {
      state.calls++;
      if (signal.aborted) throw new ModelError('cancelled', 'cancelled');
      if (state.failing) throw new ModelError(state.failing, `it was ${state.failing}`);
      return answer;
    },
  };
  return { state, model };
}

function watched(control = new StopControl()) {
  const { state, model } = endpoint();
  const watch = new WatchedModel(model, control, policy);
  const ask = () => watch.generate(request, control.signal);
  const fail = async (kind: ModelErrorKind, times: number) => {
    state.failing = kind;
    for (let i = 0; i < times; i++) await expect(ask()).rejects.toMatchObject({ kind });
  };
  return { state, watch, ask, fail, control };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('WatchedModel', () => {
  it('passes single failures on as they are', async () => {
    const { state, ask, fail, watch } = watched();
    await fail('connection', 2);
    state.failing = null;
    expect(await ask()).toBe(answer);
    await fail('server', 2);
    expect(watch.outage).toBeNull();
  });

  it('lets calls wait once the endpoint is down, tries one at a time, and lets all go on', async () => {
    const { state, ask, fail, watch } = watched();
    await fail('connection', 2);
    const calls = [ask(), ask(), ask()];
    await vi.advanceTimersByTimeAsync(0);
    expect(watch.outage).toMatchObject({ ref: 'http://gpu1:8000/v1#sft', message: 'it was connection' });
    const before = state.calls;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(state.calls).toBe(before + 1);
    await vi.advanceTimersByTimeAsync(3_999);
    expect(state.calls).toBe(before + 1);
    state.failing = null;
    await vi.advanceTimersByTimeAsync(1);
    expect(await Promise.all(calls)).toEqual([answer, answer, answer]);
    expect(watch.outage).toBeNull();
  });

  it('fails the run when its patience is over; the waiting calls are cancelled, not failed', async () => {
    const { ask, fail, control } = watched();
    await fail('timeout', 2);
    const results = Promise.allSettled([ask(), ask()]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await results).toMatchObject([
      { reason: { kind: 'cancelled' } },
      { reason: { kind: 'cancelled' } },
    ]);
    expect(String(control.failure?.error)).toMatch(/gpu1.*is down.*it was timeout/s);
  });

  it('gives up after one more try when the user stops', async () => {
    const { ask, fail, control, state } = watched();
    await fail('rate-limit', 2);
    const waiting = Promise.allSettled([ask()]);
    await vi.advanceTimersByTimeAsync(10);
    const before = state.calls;
    control.stop('signal');
    await vi.advanceTimersByTimeAsync(1);
    expect(await waiting).toMatchObject([{ reason: { kind: 'cancelled' } }]);
    expect(state.calls).toBe(before + 1);
    expect([control.aborted, control.stoppedBy, control.failure]).toEqual([true, 'signal', null]);
  });

  it('takes rejections for the trials’ own while the endpoint has ever answered', async () => {
    const { state, ask, fail, control } = watched();
    await ask();
    await fail('rejected', 50);
    expect(control.failure).toBeNull();
    expect(state.calls).toBe(51);
  });

  it('fails the run when the endpoint rejects everything from the start', async () => {
    const { fail, control } = watched();
    await fail('rejected', 3);
    expect(String(control.failure?.error)).toMatch(
      /rejected the first 3 calls and answered none.*it was rejected/s,
    );
  });

  it('passes fatal errors on at once, down or not', async () => {
    const { fail, control } = watched();
    await fail('auth', 10);
    expect(control.failure).toBeNull();
  });
});
