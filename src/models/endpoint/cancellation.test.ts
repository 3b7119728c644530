import { expect, test } from 'vitest';
import { Cancellation, Cancelled, sleep } from './cancellation.ts';

test('thousands of calls share one signal: no warning, each cancelled once, those released not at all', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => void warnings.push(warning);
  process.on('warning', note);
  const controller = new AbortController();
  const cancelled: number[] = [];
  const calls = Array.from({ length: 5000 }, (_, i) => {
    const call = new Cancellation(controller.signal);
    call.onCancel = () => cancelled.push(i);
    return call;
  });
  for (const call of calls.slice(0, 1000)) call.release();
  controller.abort();
  for (const call of calls) call.cancel();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', note);
  expect(cancelled).toHaveLength(4000);
  expect(new Set(cancelled).size).toBe(4000);
  expect(warnings).toEqual([]);
});

test('a signal that is aborted already', async () => {
  const call = new Cancellation(AbortSignal.abort());
  expect(call.cancelled).toBe(true);
  await expect(sleep(10_000, call)).rejects.toThrow(Cancelled);
});

test('a sleep ends at once', async () => {
  const controller = new AbortController();
  const slept = sleep(60_000, new Cancellation(controller.signal));
  controller.abort();
  await expect(slept).rejects.toThrow(Cancelled);
});
