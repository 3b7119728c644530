import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { SandboxError } from '../../../core/index.ts';
import { type Given, never, SYSTEM, text } from './given.ts';

/** Permits, and the end of a sandbox. */
export function opening(given: Given): void {
  describe('opening and closing', () => {
    it(`stands ${given.options.crowd ?? 20} at once`, async () => {
      const numbers = Array.from({ length: given.options.crowd ?? 20 }, (_, i) => i);
      const said = await Promise.all(
        numbers.map(async (i) => {
          await using one = await given.opened({ files: { number: { data: String(i) } } });
          await one.exec('sleep 0.1; cat number > copy');
          return text(await one.readFile('copy'));
        }),
      );
      expect(said.map(Number)).toEqual(numbers);
    });

    it('waits for a permit, first come first served, and leaves the queue when told', async () => {
      await using few = await given.options.open({ ...given.options.settings, atOnce: 1 });
      const first = await few.open(SYSTEM, never);
      const order: number[] = [];
      const stop = new AbortController();
      const second = few.open(SYSTEM, never).then(async (one) => {
        order.push(2);
        await one[Symbol.asyncDispose]();
      });
      const third = few.open(SYSTEM, stop.signal);
      const fourth = few.open(SYSTEM, never).then(async (one) => {
        order.push(4);
        await one[Symbol.asyncDispose]();
      });
      stop.abort(new Error('no longer'));
      await expect(third).rejects.toThrow('no longer');
      expect(order).toEqual([]);
      await first[Symbol.asyncDispose]();
      await Promise.all([second, fourth]);
      expect(order).toEqual([2, 4]);
    });

    it('is over after dispose: commands are refused, those under way fail, and twice is once', async () => {
      const other = await given.opened();
      const running = other.exec('sleep 300').catch((error: unknown) => error);
      await pause(300);
      await other[Symbol.asyncDispose]();
      await other[Symbol.asyncDispose]();
      expect(await running).toBeInstanceOf(SandboxError);
      await expect(other.exec('true')).rejects.toBeInstanceOf(SandboxError);
      await expect(other.readFile('x')).rejects.toBeInstanceOf(SandboxError);
    });

    it('disposing of all disposes of each', async () => {
      const all = await given.options.open({ ...given.options.settings, atOnce: 4 });
      const some = await Promise.all([all.open(SYSTEM, never), all.open(SYSTEM, never)]);
      await all[Symbol.asyncDispose]();
      for (const one of some) await expect(one.exec('true')).rejects.toBeInstanceOf(SandboxError);
      await expect(all.open(SYSTEM, never)).rejects.toBeInstanceOf(SandboxError);
    });
  });
}
