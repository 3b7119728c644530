import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SandboxSpec } from '../../core/index.ts';
import { findCgroups } from './cgroups.ts';
import { childrenOf } from './descendants.ts';
import { openBubblewrap, tryBubblewrap } from './index.ts';

const failure = await tryBubblewrap();
const SYSTEM: SandboxSpec = { image: { kind: 'system' } };
const never = new AbortController().signal;

/** What belongs to a process of stemma's and could be left behind by it: control groups and folders, by name. */
function leftovers(pid: number): string[] {
  const mine = new RegExp(`^stemma-(sandboxes-)?${pid}\\.`);
  const places = [tmpdir(), ...Object.values(findCgroups()?.folders ?? {})];
  return places.flatMap((place) => readdirSync(place).filter((name) => mine.test(name)));
}

/** Mounts of ours that the host can see. */
function mounts(): string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return lines.filter((line) => / - (tmpfs container|overlay layer) |stemma-sandboxes-/.test(line));
}

/** Host processes whose command line holds a word. */
function running(word: string): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word);
    } catch {
      return false;
    }
  }).length;
}

function commandLine(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0]!;
}

describe.skipIf(failure !== null)(
  'what bubblewrap leaves (apt-get install bubblewrap)',
  { timeout: 90_000 },
  () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'stemma-leftovers-'));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    it('is nothing after dispose: no process, no mount, no control group, no folder', async () => {
      const nap = `${3000 + (process.pid % 1000)}.25`;
      const sandboxes = await openBubblewrap({ engine: 'bubblewrap' });
      const some = await Promise.all([1, 2, 3].map(() => sandboxes.open(SYSTEM, never)));
      for (const one of some) await one.exec(`setsid sleep ${nap} & (sleep ${nap} &)`);
      expect(running(nap)).toBeGreaterThanOrEqual(6);
      await some[0]![Symbol.asyncDispose]();
      await sandboxes[Symbol.asyncDispose]();
      expect(running(nap)).toBe(0);
      expect(leftovers(process.pid)).toEqual([]);
      expect(mounts()).toEqual([]);
    });

    it('dies with a process that was killed, and the next opening sweeps the rest away', async () => {
      const nap = `${5000 + (process.pid % 1000)}.25`;
      const program = fileURLToPath(new URL('./holder.fixture.ts', import.meta.url));
      const holder = spawn(process.execPath, [program, nap], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(holder.stdout, 'data');
      await expect.poll(() => running(nap), { timeout: 20_000 }).toBeGreaterThan(5);
      expect(leftovers(holder.pid!)).not.toEqual([]);
      holder.kill('SIGKILL');
      await once(holder, 'exit');
      await expect.poll(() => running(nap), { timeout: 30_000 }).toBe(0);
      await using sandboxes = await openBubblewrap({ engine: 'bubblewrap' });
      expect(sandboxes.engine).toBe('bubblewrap');
      expect(leftovers(holder.pid!)).toEqual([]);
    });

    it("never changes who owns the host's files, images and what is shown among them", async () => {
      const hidden = join(folder, 'hidden');
      const shown = join(hidden, 'shown');
      await mkdir(shown, { recursive: true });
      await writeFile(join(shown, 'file'), 'seen');
      await chmod(shown, 0o755);
      // Only its owner gets to it by name.
      await chmod(hidden, 0o700);
      const server = createServer((socket) => socket.end('heard')).listen(join(hidden, 'socket'));
      await once(server, 'listening');
      const owners = () =>
        Promise.all(
          [folder, hidden, shown, join(shown, 'file'), join(hidden, 'socket')].map(async (path) => {
            const { uid, gid } = await stat(path);
            return `${uid}:${gid}`;
          }),
        );
      const before = await owners();
      await using sandboxes = await openBubblewrap({ engine: 'bubblewrap' });
      await using sandbox = await sandboxes.open(
        { ...SYSTEM, readOnly: { '/seen': shown }, sockets: { '/talk/socket': join(hidden, 'socket') } },
        never,
      );
      const connect =
        'import socket; s = socket.socket(socket.AF_UNIX); s.connect("/talk/socket"); print(s.recv(9))';
      expect((await sandbox.exec('cat /seen/file; touch /seen/file; echo x > /seen/new')).stdout).toBe(
        'seen',
      );
      expect((await sandbox.exec(['python3', '-c', connect])).stdout).toBe("b'heard'\n");
      expect((await sandbox.exec('touch /seen/new', { user: 'root' })).exitCode).not.toBe(0);
      expect(await owners()).toEqual(before);
      server.close();
    });

    it('never changes an image, whoever writes in the sandboxes on it', async () => {
      const context = join(folder, 'context');
      const cache = join(folder, 'cache');
      await mkdir(context);
      await writeFile(join(context, 'data'), 'as built');
      await writeFile(
        join(context, 'Dockerfile'),
        'FROM debian\nWORKDIR /app\nCOPY data /app/\nCOPY data /srv/\n',
      );
      const image = { kind: 'dockerfile', file: join(context, 'Dockerfile'), context } as const;
      await using sandboxes = await openBubblewrap({ engine: 'bubblewrap', cache });
      for (const user of ['agent', 'root'] as const) {
        await using sandbox = await sandboxes.open({ image }, never);
        expect(sandbox.workdir).toBe('/app');
        const { stdout } = await sandbox.exec(
          'cat data; echo changed > data; touch new; chmod 700 .; touch /srv/new; echo changed > /srv/data; cat /srv/data',
          { user },
        );
        expect(stdout).toBe('as builtas built');
      }
      const owners = await Promise.all(
        (await readdir(cache, { recursive: true })).map(async (name) => (await lstat(join(cache, name))).uid),
      );
      expect(new Set(owners)).toEqual(new Set([process.getuid?.()]));
    });

    it('refuses what would show a folder that the inside could not read', async () => {
      if (process.getuid?.() !== 0) return;
      const secret = join(folder, 'secret');
      await mkdir(secret, { mode: 0o700 });
      await using sandboxes = await openBubblewrap({ engine: 'bubblewrap' });
      const opening = sandboxes.open({ ...SYSTEM, readOnly: { '/secret': secret } }, never);
      await expect(opening).rejects.toThrow(/can't be read by others/);
    });

    it('filters system calls: no new namespaces, no sockets beyond the container', async () => {
      await using sandboxes = await openBubblewrap({ engine: 'bubblewrap' });
      await using sandbox = await sandboxes.open(SYSTEM, never);
      expect((await sandbox.exec('unshare --user true')).exitCode).not.toBe(0);
      const { stdout } = await sandbox.exec('grep Seccomp: /proc/self/status');
      const vsock = await sandbox.exec(['python3', '-c', 'import socket; socket.socket(40, 1)']);
      if (stdout.includes('2')) expect(vsock.stderr).toMatch(/Address family not supported/);
      expect(stdout).toMatch(/^Seccomp:\t2/);
    });

    it('goes on after the process that waited for the next command was killed', async () => {
      await using sandboxes = await openBubblewrap({ engine: 'bubblewrap' });
      await using sandbox = await sandboxes.open(SYSTEM, never);
      await sandbox.exec('true');
      const waiting = () => childrenOf(process.pid).filter((pid) => commandLine(pid) === '/bin/sh');
      await expect.poll(() => waiting().length, { timeout: 20_000 }).toBeGreaterThan(0);
      const killed = waiting();
      for (const pid of killed) process.kill(pid, 'SIGKILL');
      // Another may take its place at once.
      const left = () => childrenOf(process.pid).filter((pid) => killed.includes(pid));
      await expect.poll(left, { timeout: 20_000 }).toEqual([]);
      expect((await sandbox.exec('echo well', { timeoutMs: 20_000 })).stdout).toBe('well\n');
    });

    it('tells a container that died from a command that was killed', async () => {
      await using sandboxes = await openBubblewrap({ engine: 'bubblewrap' });
      await using sandbox = await sandboxes.open(SYSTEM, never);
      // The shell that keeps the container open belongs to the inside's root.
      await expect(
        sandbox.exec('kill -9 2; sleep 20; kill -9 -1; sleep 20', { user: 'root' }),
      ).rejects.toThrow(/died/);
      await expect(sandbox.exec('true')).rejects.toThrow(/died/);
    });
  },
);
