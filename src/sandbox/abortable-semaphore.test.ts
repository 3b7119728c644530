import { describe, expect, it } from 'vitest';
import { AbortableSemaphore } from './abortable-semaphore.ts';

const never = new AbortController().signal;

describe('AbortableSemaphore', () => {
  it('are given in the order of asking, and back only once', async () => {
    const permits = new AbortableSemaphore(1);
    const first = await permits.acquire(never);
    const order: string[] = [];
    const take = async (name: string) => {
      const release = await permits.acquire(never);
      order.push(name);
      return release;
    };
    const [second, third] = [take('second'), take('third')];
    first();
    first();
    (await second)();
    (await third)();
    expect(order).toEqual(['second', 'third']);
  });

  it('are not kept by those who leave the queue', async () => {
    const permits = new AbortableSemaphore(1);
    const first = await permits.acquire(never);
    const stop = new AbortController();
    const leaving = permits.acquire(stop.signal);
    const staying = permits.acquire(never);
    stop.abort(new Error('gone'));
    await expect(leaving).rejects.toThrow('gone');
    first();
    expect(await staying).toBeTypeOf('function');
    await expect(permits.acquire(AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
  });
});
