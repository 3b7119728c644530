import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Cancellation, Cancelled } from './cancellation.ts';
import { Gate, type Permit } from './gate.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const open = { requestsPerMinute: null, tokensPerMinute: null };
const calm = () => new Cancellation(new AbortController().signal);

/** Notes who got in, in order. */
function doorkeeper(gate: Gate) {
  const inside: string[] = [];
  const leases = new Map<string, Permit>();
  const enter = async (
    name: string,
    options: { tokens?: number; retry?: boolean; call?: Cancellation } = {},
  ) => {
    const { tokens = 0, retry = false, call = calm() } = options;
    leases.set(name, await gate.enter(tokens, call, retry));
    inside.push(name);
  };
  return { inside, leases, enter };
}

test('first come, first served, but retries before new ones', async () => {
  const gate = new Gate({ ...open, concurrency: 1 });
  const { inside, leases, enter } = doorkeeper(gate);
  void enter('a');
  void enter('b');
  void enter('c');
  void enter('again', { retry: true });
  await vi.advanceTimersByTimeAsync(0);
  expect(inside).toEqual(['a']);
  expect(gate).toMatchObject({ inFlight: 1, waiting: 3 });
  for (const name of ['a', 'again', 'b']) {
    gate.leave(leases.get(name)!, 'succeeded', null);
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(inside).toEqual(['a', 'again', 'b', 'c']);
});

test('someone who is cancelled leaves the queue at once, and the others move up', async () => {
  const gate = new Gate({ ...open, concurrency: 1 });
  const { inside, leases, enter } = doorkeeper(gate);
  const controller = new AbortController();
  void enter('a');
  const left = enter('b', { call: new Cancellation(controller.signal) });
  void enter('c');
  controller.abort();
  await expect(left).rejects.toThrow(Cancelled);
  expect(gate.waiting).toBe(1);
  gate.leave(leases.get('a')!, 'succeeded', null);
  await vi.advanceTimersByTimeAsync(0);
  expect(inside).toEqual(['a', 'c']);
});

test('one that is cancelled just after it was let in does not upset the count', async () => {
  const gate = new Gate({ ...open, concurrency: 1 });
  const first = (await gate.enter(0, calm(), false)) as Permit;
  const controller = new AbortController();
  const second = gate.enter(0, new Cancellation(controller.signal), false);
  gate.leave(first, 'succeeded', null);
  controller.abort();
  gate.leave(await second, 'failed', null);
  expect(gate).toMatchObject({ inFlight: 0, waiting: 0 });
});

test('a pause holds everyone, then they go on', async () => {
  const gate = new Gate({ ...open, concurrency: 5 });
  const { inside, enter } = doorkeeper(gate);
  gate.pause(1000);
  gate.pause(10);
  void enter('a');
  void enter('b');
  await vi.advanceTimersByTimeAsync(990);
  expect(inside).toEqual([]);
  expect(gate.pausedMs).toBeCloseTo(10);
  await vi.advanceTimersByTimeAsync(20);
  expect(inside).toEqual(['a', 'b']);
});

test('requests pass at their rate', async () => {
  const gate = new Gate({ ...open, concurrency: 100, requestsPerMinute: 60 });
  const { inside, enter } = doorkeeper(gate);
  for (let i = 0; i < 5; i++) void enter(String(i));
  await vi.advanceTimersByTimeAsync(0);
  expect(inside).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2010);
  expect(inside).toHaveLength(3);
});

test('tokens are set aside ahead and corrected after', async () => {
  const gate = new Gate({ ...open, concurrency: 100, tokensPerMinute: 60_000 });
  const { inside, leases, enter } = doorkeeper(gate);
  void enter('a', { tokens: 1000 });
  void enter('b', { tokens: 1000 });
  await vi.advanceTimersByTimeAsync(0);
  expect(inside).toEqual(['a']);
  gate.leave(leases.get('a')!, 'succeeded', 0);
  await vi.advanceTimersByTimeAsync(0);
  expect(inside).toEqual(['a', 'b']);
  gate.leave(leases.get('b')!, 'succeeded', 3000);
  void enter('c', { tokens: 1000 });
  await vi.advanceTimersByTimeAsync(2900);
  expect(inside).toEqual(['a', 'b']);
  await vi.advanceTimersByTimeAsync(200);
  expect(inside).toEqual(['a', 'b', 'c']);
});

test('a hundred thousand in the queue, half of them cancelled, pass in order', async () => {
  const gate = new Gate({ ...open, concurrency: 1 });
  const controller = new AbortController();
  const order: number[] = [];
  const all = Array.from({ length: 100_000 }, async (_, i) => {
    const call = i % 2 === 0 ? calm() : new Cancellation(controller.signal);
    const permit = await gate.enter(0, call, false);
    order.push(i);
    gate.leave(permit, 'succeeded', null);
  });
  controller.abort();
  const settled = await Promise.allSettled(all);
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(50_000);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(gate).toMatchObject({ inFlight: 0, waiting: 0 });
});
