import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Given } from './given.ts';

/** What nobody inside sees or may write. */
export function keptOut(given: Given): void {
  describe('what is kept out', () => {
    it("shows neither the host's files nor its processes, and no network but its own", async () => {
      const folder = await mkdtemp(join(tmpdir(), 'stemma-contract-'));
      await writeFile(join(folder, 'witness'), 'of the host');
      const { stdout } = await given.sandbox.exec(
        `cat '${folder}/witness'; ls -d '${process.cwd()}' '${homedir()}'/.??*; cat /proc/net/dev; hostname`,
      );
      await rm(folder, { recursive: true });
      expect(stdout).not.toMatch(/of the host|\//);
      expect(stdout.match(/^\s*\w+:/gm)?.map((name) => name.trim())).toEqual(['lo:']);
      expect(stdout.trim().split('\n').at(-1)).toBe('sandbox');
      const { stdout: processes } = await given.sandbox.exec('cat /proc/[0-9]*/cmdline | tr "\\0" " "', {
        user: 'root',
      });
      expect(processes).not.toContain('vitest');
    });

    it('has a read-only root around the writable folders', async () => {
      for (const place of ['/', '/usr', '/etc', '/usr/bin']) {
        for (const user of ['agent', 'root'] as const)
          expect(
            (await given.sandbox.exec(`touch ${place}/x`, { user })).exitCode,
            `${user} ${place}`,
          ).not.toBe(0);
      }
      for (const place of ['.', '/tmp', '$HOME', '/dev/shm'])
        expect((await given.sandbox.exec(`touch ${place}/x`)).exitCode, place).toBe(0);
    });

    it('keeps sandboxes apart', async () => {
      await using other = await given.opened();
      await given.sandbox.exec('echo mine > /tmp/shared; sleep 30 & echo $! > /tmp/number');
      expect((await other.exec('cat /tmp/shared')).exitCode).not.toBe(0);
      expect((await other.exec('ps -e 2>/dev/null || ls /proc')).stdout).not.toContain('sleep');
    });
  });
}
