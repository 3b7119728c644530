import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sandboxLimits } from '../limits.ts';
import { DockerCli } from './cli.ts';
import { runCommand } from './command.ts';

/** Replaces Docker's client: runs the command on this machine and brings one of its streams late, as a busy one may. */
const LATE = {
  stdout: 'shift 4; "$@" | { sleep 1; cat; }',
  stderr: 'shift 4; { "$@" 2>&1 >&3 | { sleep 1; cat >&2; }; } 3>&1',
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stemma-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function containerOf(client: string) {
  const program = join(folder, 'client');
  writeFileSync(program, `#!/bin/sh\n${client}\n`);
  chmodSync(program, 0o755);
  return { cli: new DockerCli(program), id: 'c', init: '', limits: sandboxLimits({}) };
}

test.each(['stdout', 'stderr'] as const)(
  'a command is over when all of it has come: %s late',
  async (late) => {
    const ended = await runCommand(containerOf(LATE[late]), {
      argv: ['/bin/sh', '-c', 'echo out; echo err >&2; exit 3'],
      cwd: '/',
      user: '0:0',
      processes: null,
      env: { PATH: '/usr/bin:/bin' },
      timeoutMs: 30_000,
      maxOutputBytes: 1000,
    });
    expect([ended.exitCode, String(ended.stdout), String(ended.stderr)]).toEqual([3, 'out\n', 'err\n']);
  },
);

test('a client that fails before the command begins says why, on whichever stream', async () => {
  const container = containerOf('echo OCI runtime exec failed; exit 126');
  const command = { argv: ['true'], cwd: '/', user: '0:0', processes: null, env: {} };
  const running = runCommand(container, { ...command, timeoutMs: 30_000, maxOutputBytes: 1000 });
  await expect(running).rejects.toThrow('OCI runtime exec failed');
});
