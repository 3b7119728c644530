import { describe, expect, it } from 'vitest';
import type { Given } from './given.ts';

/** Processes that outlive the command that began them. */
export function background(given: Given): void {
  describe('background processes', () => {
    it('live on between calls, and the call does not wait for them', async () => {
      const { durationMs } = await given.sandbox.exec(
        'rm -f ticks; (while :; do echo tick >> ticks; sleep 0.05; done) & echo $! > pid',
      );
      expect(durationMs).toBeLessThan(10_000);
      const count = async () => Number((await given.sandbox.exec('wc -l < ticks')).stdout);
      const first = await count();
      await expect.poll(count, { timeout: 20_000 }).toBeGreaterThan(first + 2);
      expect((await given.sandbox.exec('kill "$(cat pid)"')).exitCode).toBe(0);
    });

    it('can be reached over the loopback of the inside', async () => {
      const server =
        'python3 -m http.server 8123 --bind 127.0.0.1 >/dev/null 2>&1 & for i in $(seq 100); do ' +
        'python3 -c "import socket; socket.create_connection((\'127.0.0.1\', 8123))" 2>/dev/null && break; sleep 0.1; done';
      await given.sandbox.exec(server);
      const fetch = 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:8123/").status)';
      expect((await given.sandbox.exec(['python3', '-c', fetch])).stdout).toBe('200\n');
    });

    it('may go on writing to a stream that nobody reads any more', async () => {
      await given.sandbox.exec('rm -f wrote; (sleep 0.3; echo late; echo late >&2; echo yes > wrote) &');
      await expect
        .poll(async () => (await given.sandbox.exec('cat wrote')).stdout, { timeout: 20_000 })
        .toBe('yes\n');
    });
  });
}
