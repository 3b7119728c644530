import { describe, expect, it } from 'vitest';
import { openShell } from '../../shell.ts';
import type { Given } from './given.ts';

/** The shell that seems to go on, over any engine. */
export function shell(given: Given): void {
  describe('a shell', () => {
    it('keeps its folder and its exported variables from line to line', async () => {
      const shell = openShell(given.sandbox);
      await shell.run('mkdir -p there && cd there && export ONE="a b\n\\"c" && two=not-kept');
      expect(shell.cwd).toBe(`${given.sandbox.workdir}/there`);
      const { stdout } = await shell.run('pwd; printf "%s|%s|" "$ONE" "$two"');
      expect(stdout).toBe(`${given.sandbox.workdir}/there\na b\n"c||`);
      await shell.run('unset ONE');
      expect((await shell.run('echo "<$ONE>"')).stdout).toBe('<>\n');
    });

    it('keeps the exit code, and the state also of a line that exits or is wrong', async () => {
      const shell = openShell(given.sandbox);
      expect((await shell.run('cd /tmp; export KEPT=1; exit 4')).exitCode).toBe(4);
      expect(shell.cwd).toBe('/tmp');
      expect((await shell.run('if then')).exitCode).not.toBe(0);
      expect((await shell.run('echo $KEPT; pwd')).stdout).toBe('1\n/tmp\n');
    });

    it('leaves the state as it was where a line is ended', async () => {
      const shell = openShell(given.sandbox);
      await shell.run('cd /tmp');
      expect((await shell.run('cd /; sleep 60', { timeoutMs: 500 })).limit).toBe('time');
      expect((await shell.run('pwd')).stdout).toBe('/tmp\n');
    });
  });
}
