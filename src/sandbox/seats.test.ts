import { describe, expect, it } from 'vitest';
import { Seats } from './seats.ts';

const never = new AbortController().signal;

describe('Seats', () => {
  it('are given in the order of asking, and back only once', async () => {
    const seats = new Seats(1);
    const first = await seats.take(never);
    const order: string[] = [];
    const take = async (name: string) => {
      const giveBack = await seats.take(never);
      order.push(name);
      return giveBack;
    };
    const [second, third] = [take('second'), take('third')];
    first();
    first();
    (await second)();
    (await third)();
    expect(order).toEqual(['second', 'third']);
  });

  it('are not kept by those who leave the queue', async () => {
    const seats = new Seats(1);
    const first = await seats.take(never);
    const stop = new AbortController();
    const leaving = seats.take(stop.signal);
    const staying = seats.take(never);
    stop.abort(new Error('gone'));
    await expect(leaving).rejects.toThrow('gone');
    first();
    expect(await staying).toBeTypeOf('function');
    await expect(seats.take(AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
  });
});
