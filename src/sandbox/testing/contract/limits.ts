import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Given, MiB, text } from './given.ts';

/** What ends a command, and what a sandbox may use up. */
export function limits(given: Given): void {
  describe('limits', () => {
    it('end a command that takes too long, with all its children, however far they have gone', async () => {
      const mark = `mark-${process.pid}`;
      const line = [
        `setsid sh -c 'while :; do echo setsid >> ${mark}; sleep 0.02; done' &`,
        `( ( while :; do echo orphan >> ${mark}; sleep 0.02; done ) & ) &`,
        `setsid sh -c "( setsid sh -c 'while :; do echo deep >> ${mark}; sleep 0.02; done' & )" &`,
        `trap '' TERM INT HUP; echo started; while :; do sleep 0.02; done`,
      ].join('\n');
      const result = await given.sandbox.exec(line, { timeoutMs: 2500 });
      expect(result).toMatchObject({ exitCode: null, limit: 'time', stdout: 'started\n' });
      expect(result.durationMs).toBeLessThan(30_000);
      const count = async () => (await given.sandbox.exec(`sort ${mark} | uniq -c`)).stdout;
      const after = await count();
      for (const kind of ['setsid', 'orphan', 'deep']) expect(after).toContain(kind);
      await pause(300);
      expect(await count()).toBe(after);
    });

    it('spare what an earlier command left in the background', async () => {
      await given.sandbox.exec('sleep 300 & echo $! > sleeper');
      await given.sandbox.exec('sleep 60', { timeoutMs: 200 });
      expect((await given.sandbox.exec('kill "$(cat sleeper)"')).exitCode).toBe(0);
    });

    it('are those of the sandbox where a command has none of its own', async () => {
      await using other = await given.opened({ limits: { timeoutMs: 300, outputBytes: 10 } });
      expect((await other.exec('sleep 60')).limit).toBe('time');
      expect((await other.exec('printf 0123456789ab')).dropped.stdout).toBe(2);
    });

    it('hold the size of a file', async () => {
      await using other = await given.opened({ limits: { fileBytes: MiB } });
      const { exitCode, stderr } = await other.exec(
        'head -c 2000000 /dev/zero > big; echo $? >&2; wc -c < big',
      );
      expect(exitCode).toBe(0);
      expect(stderr).not.toMatch(/^0$/m);
      expect(Number((await other.exec('wc -c < big')).stdout)).toBeLessThanOrEqual(MiB);
    });

    it('hold all that is written together', async () => {
      await using other = await given.opened({ limits: { memoryBytes: 256 * MiB, diskBytes: 16 * MiB } });
      const fill = 'for i in 1 2 3 4 5 6; do head -c 4000000 /dev/zero > "$1/file-$i" || echo full; done';
      for (const folder of [other.workdir, '/tmp']) await other.exec(['/bin/sh', '-c', fill, 'fill', folder]);
      const { stdout } = await other.exec(
        `du -sk ${other.workdir} /tmp | awk '{ sum += $1 } END { print sum }'`,
      );
      expect(Number(stdout)).toBeLessThanOrEqual(16 * 1024 + 512);
      expect((await other.exec('echo still here')).stdout).toBe('still here\n');
    });

    it.skipIf(given.options.unheld?.includes('memory'))('hold the memory, and say so', async () => {
      await using other = await given.opened({ limits: { memoryBytes: 64 * MiB } });
      const bomb = ['python3', '-c', 'x = [bytearray(1 << 20) for _ in range(500)]; print(len(x))'];
      const result = await other.exec(bomb);
      expect(result).toMatchObject({ exitCode: null, limit: 'memory', stdout: '' });
      expect((await other.exec('echo still here')).stdout).toBe('still here\n');
    });

    it.skipIf(given.options.unheld?.includes('processes'))(
      'hold the processes, and the sandbox stays well',
      async () => {
        await using other = await given.opened({ limits: { processes: 24 } });
        await other.exec('for i in $(seq 100); do sleep 300 & done 2>/dev/null; wait', { timeoutMs: 1500 });
        await other.exec('for i in $(seq 100); do setsid sleep 300 & done 2>/dev/null');
        const sleepers = 'ls -d /proc/[0-9]* | wc -l';
        const { stdout } = await other.exec(sleepers, { user: 'root' });
        expect(Number(stdout || '0')).toBeLessThan(24 + 12);
        // Files can be read though the task has used all of its processes up.
        await other.writeFile('note', 'read me');
        expect(text(await other.readFile('note'))).toBe('read me');
        expect((await other.snapshot()).get('note')?.bytes).toBe(7);
      },
    );
  });
}
