import { describe, expect, it } from 'vitest';
import { Semaphore } from './semaphore.ts';

describe('Semaphore', () => {
  it('gives out as many permits as there are without waiting, and the next one in order', async () => {
    const semaphore = new Semaphore(2);
    expect(semaphore.acquire()).toBeUndefined();
    expect(semaphore.acquire()).toBeUndefined();
    const order: string[] = [];
    const third = semaphore.acquire()?.then(() => order.push('third'));
    const fourth = semaphore.acquire()?.then(() => order.push('fourth'));
    expect(semaphore.held).toBe(2);
    semaphore.release();
    await third;
    expect(order).toEqual(['third']);
    semaphore.release();
    await fourth;
    expect(order).toEqual(['third', 'fourth']);
    expect(semaphore.held).toBe(2);
  });

  it('is idle when all permits are given back, also when nothing was taken', async () => {
    const semaphore = new Semaphore(3);
    await semaphore.idle();
    semaphore.acquire();
    semaphore.acquire();
    let idle = false;
    const done = semaphore.idle().then(() => {
      idle = true;
    });
    semaphore.release();
    await Promise.resolve();
    expect(idle).toBe(false);
    semaphore.release();
    await done;
    expect(semaphore.held).toBe(0);
  });

  it('refuses a size that is none', () => {
    for (const size of [0, -1, 1.5, Number.NaN]) expect(() => new Semaphore(size)).toThrow(RangeError);
  });
});
