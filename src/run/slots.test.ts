import { describe, expect, it } from 'vitest';
import { Slots } from './slots.ts';

describe('Slots', () => {
  it('gives out as many as there are without waiting, and the next one in order', async () => {
    const slots = new Slots(2);
    expect(slots.take()).toBeUndefined();
    expect(slots.take()).toBeUndefined();
    const order: string[] = [];
    const third = slots.take()?.then(() => order.push('third'));
    const fourth = slots.take()?.then(() => order.push('fourth'));
    expect(slots.taken).toBe(2);
    slots.give();
    await third;
    expect(order).toEqual(['third']);
    slots.give();
    await fourth;
    expect(order).toEqual(['third', 'fourth']);
    expect(slots.taken).toBe(2);
  });

  it('is drained when all are given back, also when nothing was taken', async () => {
    const slots = new Slots(3);
    await slots.drained();
    slots.take();
    slots.take();
    let drained = false;
    const done = slots.drained().then(() => {
      drained = true;
    });
    slots.give();
    await Promise.resolve();
    expect(drained).toBe(false);
    slots.give();
    await done;
    expect(slots.taken).toBe(0);
  });

  it('refuses a size that is none', () => {
    for (const size of [0, -1, 1.5, Number.NaN]) expect(() => new Slots(size)).toThrow(RangeError);
  });
});
