import { describe, expect, it } from 'vitest';
import { type Given, SYSTEM } from './given.ts';

/** Commands and openings that are broken off. */
export function signals(given: Given): void {
  describe('signals', () => {
    it('end a command with its children, and it rejects with their reason', async () => {
      const stop = new AbortController();
      const reason = new Error('enough');
      const running = given.sandbox.exec('setsid sleep 300 & echo $! > left; sleep 300', {
        signal: stop.signal,
      });
      setTimeout(() => stop.abort(reason), 700);
      await expect(running).rejects.toBe(reason);
      await expect.poll(async () => (await given.sandbox.exec('kill -0 "$(cat left)"')).exitCode).not.toBe(0);
    });

    it('that were given before are noticed at once', async () => {
      const reason = new Error('too late');
      await expect(given.sandbox.exec('touch never', { signal: AbortSignal.abort(reason) })).rejects.toBe(
        reason,
      );
      await expect(given.sandboxes.open(SYSTEM, AbortSignal.abort(reason))).rejects.toBe(reason);
      expect((await given.sandbox.exec('ls never')).exitCode).not.toBe(0);
    });
  });
}
