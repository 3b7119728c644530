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
  const state = { failing: null as ModelErrorKind | null, absent: false, calls: 0 };
  const model: Model = {
    ref: 'http://gpu1:8000/v1#sft',
    async generate(_request, signal) {
      state.calls++;
      if (signal.aborted) throw new ModelError('cancelled', 'cancelled');
      const { failing, absent } = state;
      if (failing) throw new ModelError(failing, `it was ${failing}`, { absent });
      return answer;
    },
  };
  return { state, model };
}

function watched({ remote = false } = {}) {
  const control = new StopControl();
  const { state, model } = endpoint();
  const watch = new WatchedModel(model, control, policy, { remote });
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
    await ask();
    await fail('connection', 2);
    state.failing = null;
    expect(await ask()).toBe(answer);
    await fail('server', 2);
    expect(watch.outage).toBeNull();
  });

  it('waits at once where nothing is there any more, and no call fails', async () => {
    const { state, ask, watch } = watched();
    await ask();
    state.failing = 'connection';
    state.absent = true;
    const calls = [ask(), ask()];
    await vi.advanceTimersByTimeAsync(0);
    expect(watch.outage).toMatchObject({ message: 'it was connection' });
    await vi.advanceTimersByTimeAsync(10_000);
    state.failing = null;
    await vi.advanceTimersByTimeAsync(4_000);
    expect(await Promise.all(calls)).toEqual([answer, answer]);
    expect(watch.outage).toBeNull();
  });

  it('lets calls wait once the endpoint is down, tries one at a time, and lets all go on', async () => {
    const { state, ask, fail, watch } = watched();
    await ask();
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

const of = (content: string): GenerateRequest => ({ ...request, messages: [{ role: 'user', content }] });

/** A remote endpoint whose calls end when the test says how. */
function held() {
  const control = new StopControl();
  const calls: {
    prompt: string;
    answer: () => void;
    fail: (kind: ModelErrorKind, status?: number) => void;
  }[] = [];
  const model: Model = {
    ref: 'http://gpu1:8000/v1#sft',
    generate: ({ messages }) =>
      new Promise((resolve, reject) =>
        calls.push({
          prompt: messages[0]!.content,
          answer: () => resolve(answer),
          fail: (kind, status) =>
            reject(new ModelError(kind, `it was ${kind}`, status === undefined ? {} : { status })),
        }),
      ),
  };
  const watch = new WatchedModel(model, control, policy, { remote: true });
  const ask = (content: string) => {
    const result = watch.generate(of(content), control.signal);
    result.catch(() => {});
    return result;
  };
  const turn = () => vi.advanceTimersByTimeAsync(0);
  return { control, calls, watch, ask, turn };
}

describe('WatchedModel before the first answer', () => {
  it('lets one call through, and all others after its answer', async () => {
    const { calls, ask, turn } = held();
    const results = ['a', 'b', 'c'].map(ask);
    await turn();
    expect(calls.map(({ prompt }) => prompt)).toEqual(['a']);
    calls[0]!.answer();
    await turn();
    expect(calls.map(({ prompt }) => prompt)).toEqual(['a', 'b', 'c']);
    calls[1]!.answer();
    calls[2]!.answer();
    expect(await Promise.all(results)).toHaveLength(3);
  });

  it('does not let a slow first answer hold the others back', async () => {
    const { calls, ask } = held();
    for (const prompt of ['a', 'b']) ask(prompt);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(calls).toHaveLength(2);
  });

  it('waits for a server that cannot be reached: visibly, at the first failure, with no call failed', async () => {
    const { calls, ask, turn, watch } = held();
    const results = ['a', 'b', 'c'].map(ask);
    await turn();
    watch.retried({ kind: 'connection', message: 'connection refused', delayMs: 500 });
    expect(watch.outage).toMatchObject({ message: 'connection refused', nextTryAt: Date.now() + 500 });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(calls).toHaveLength(1);
    calls[0]!.fail('connection');
    await turn();
    expect(watch.outage).toMatchObject({ message: 'it was connection', since: Date.now() - 5_000 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(calls).toHaveLength(2);
    calls[1]!.answer();
    await turn();
    expect(watch.outage).toBeNull();
    expect(calls).toHaveLength(4);
    for (const call of calls.slice(2)) call.answer();
    expect(await Promise.all(results)).toEqual([answer, answer, answer]);
  });

  it('says after its patience that the server has never answered', async () => {
    const { calls, ask, control } = held();
    ask('a');
    for (let i = 0; i < 10; i++) {
      await vi.advanceTimersByTimeAsync(5_000);
      calls.at(-1)!.fail('connection');
    }
    await vi.advanceTimersByTimeAsync(0);
    expect(String(control.failure?.error)).toMatch(/is down or does not exist: it has not answered any call/);
  });

  it('takes a 403 on the first prompt for that prompt’s own where another prompt is answered', async () => {
    const { calls, ask, turn } = held();
    const [first, second] = ['a', 'b'].map(ask);
    await turn();
    calls[0]!.fail('auth', 403);
    await turn();
    expect(calls.map(({ prompt }) => prompt)).toEqual(['a', 'b']);
    calls[1]!.answer();
    await expect(first).rejects.toMatchObject({ kind: 'rejected', status: 403, fatal: false });
    expect(await second).toBe(answer);
  });

  it('takes a 403 on two prompts for the key’s, and one prompt asked twice for one', async () => {
    const { calls, ask, turn } = held();
    const [, , third] = ['a', 'a', 'b'].map(ask);
    await turn();
    calls[0]!.fail('auth', 403);
    await turn();
    expect(calls).toHaveLength(2);
    calls[1]!.fail('auth', 403);
    await turn();
    expect(calls.map(({ prompt }) => prompt)).toEqual(['a', 'a', 'b']);
    calls[2]!.fail('auth', 403);
    await expect(third).rejects.toMatchObject({ kind: 'auth', fatal: true });
  });

  it('takes a lone 403 for the prompt’s own where no second prompt comes', async () => {
    const { calls, ask, turn } = held();
    const only = ask('a');
    await turn();
    calls[0]!.fail('auth', 403);
    await vi.advanceTimersByTimeAsync(10_000);
    await expect(only).rejects.toMatchObject({ kind: 'rejected' });
  });

  it('passes a refused key and an unknown model on at once', async () => {
    for (const [kind, status] of [
      ['auth', 401],
      ['not-found', 404],
    ] as const) {
      const { calls, ask, turn } = held();
      const result = ask('a');
      await turn();
      calls[0]!.fail(kind, status);
      await expect(result).rejects.toMatchObject({ kind, fatal: true });
    }
  });
});

describe('WatchedModel after an answer', () => {
  it('takes 403s for the prompts’ own, until too many come in a row', async () => {
    const { calls, ask, turn } = held();
    ask('a');
    await turn();
    calls[0]!.answer();
    const kinds: string[] = [];
    for (const prompt of ['b', 'c', 'd']) {
      const result = ask(prompt).catch((error) => kinds.push(error.kind));
      await turn();
      calls.at(-1)!.fail('auth', 403);
      await result;
    }
    expect(kinds).toEqual(['rejected', 'rejected', 'auth']);
  });

  it.each([
    ['auth', 401],
    ['auth', 402],
    ['auth', 400],
    ['not-found', 404],
  ] as const)(
    'does not let one prompt stop the run by %s (%i); two different ones in a row do',
    async (kind, status) => {
      const { calls, ask, turn } = held();
      const refuse = () => calls.at(-1)!.fail(kind, status);
      ask('a');
      await turn();
      calls[0]!.answer();
      const alone = ask('b');
      await turn();
      refuse();
      ask('c');
      await turn();
      calls.at(-1)!.answer();
      await expect(alone).rejects.toMatchObject({ kind: 'rejected', status, fatal: false });
      const both = ['d', 'e'].map(ask);
      for (const [at, result] of both.entries()) {
        await turn();
        calls[3 + at]!.fail(kind, status);
        result.catch(() => {});
      }
      for (const result of both) await expect(result).rejects.toMatchObject({ kind, fatal: true });
    },
  );
});

describe('WatchedModel when no new request may begin', () => {
  it('cancels calls that wait or come later, and lets those under way end', async () => {
    const { calls, ask, turn, control } = held();
    const [underWay, waiting] = ['a', 'b'].map(ask);
    await turn();
    control.close('wall');
    await expect(waiting).rejects.toMatchObject({ kind: 'cancelled' });
    await expect(ask('c')).rejects.toMatchObject({ kind: 'cancelled' });
    calls[0]!.answer();
    expect(await underWay).toBe(answer);
    expect(calls).toHaveLength(1);
    expect(control.signal.aborted).toBe(false);
  });
});
