import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Sandbox,
  SandboxError,
  type Sandboxes,
  SandboxFileError,
  type SandboxSpec,
} from '../../core/index.ts';
import type { SandboxSettings } from '../settings.ts';
import { openShell } from '../shell.ts';

const SYSTEM: SandboxSpec = { image: { kind: 'system' } };
const MiB = 2 ** 20;
const never = new AbortController().signal;
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

export interface ContractOptions {
  /** How the engine's sandboxes are opened. */
  readonly open: (settings: SandboxSettings) => Promise<Sandboxes>;
  readonly settings: SandboxSettings;
  /** Limits that nothing holds on this machine; their tests are skipped by name. */
  readonly unheld?: readonly ('memory' | 'processes')[];
  /** How many sandboxes are opened at once; default 20. */
  readonly crowd?: number;
}

/** What every engine keeps of the interface in core/sandbox.ts, as tests. */
export function sandboxContract(options: ContractOptions): void {
  describe(`the contract of sandboxes, ${options.settings.engine}`, { timeout: 120_000 }, () => {
    let sandboxes: Sandboxes;
    let sandbox: Sandbox;

    const opened = (spec: Partial<SandboxSpec> = {}) => sandboxes.open({ ...SYSTEM, ...spec }, never);

    beforeAll(async () => {
      sandboxes = await options.open({ ...options.settings, atOnce: 64 });
      sandbox = await opened();
    }, 120_000);
    afterAll(async () => {
      await sandboxes?.[Symbol.asyncDispose]();
    }, 120_000);

    describe('exec', () => {
      it('runs an argument list as it is, and a string as a shell line', async () => {
        const list = await sandbox.exec(['printf', '%s|', 'a b', '$HOME', "it's", '*']);
        expect(list.stdout).toBe("a b|$HOME|it's|*|");
        expect((await sandbox.exec('printf %s "$((6 * 7))"; echo no >&2; exit 3')).exitCode).toBe(3);
        expect(await sandbox.exec('printf x; printf y >&2')).toMatchObject({
          exitCode: 0,
          stdout: 'x',
          stderr: 'y',
          dropped: { stdout: 0, stderr: 0 },
        });
      });

      it('says which signal ended a program, and does not take exit code 137 for one', async () => {
        expect(await sandbox.exec('kill -KILL $$')).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
        expect(await sandbox.exec('kill -TERM $$')).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
        const plain = await sandbox.exec('exit 137');
        expect(plain.exitCode).toBe(137);
        expect(plain.signal).toBeUndefined();
        expect(plain.limit).toBeUndefined();
      });

      it('reports a program that is not there as a shell does, and does not throw', async () => {
        const { exitCode, stderr } = await sandbox.exec(['no-such-program']);
        expect(exitCode).toBe(127);
        expect(stderr).toMatch(/no-such-program/);
      });

      it('starts in the workdir, or where it is told, also relative to it', async () => {
        expect((await sandbox.exec('pwd')).stdout).toBe(`${sandbox.workdir}\n`);
        expect((await sandbox.exec('pwd', { cwd: '/tmp' })).stdout).toBe('/tmp\n');
        await sandbox.exec('mkdir -p "sub dir"');
        expect((await sandbox.exec('pwd', { cwd: 'sub dir' })).stdout).toBe(`${sandbox.workdir}/sub dir\n`);
        expect((await sandbox.exec('pwd', { cwd: '/nowhere' })).exitCode).not.toBe(0);
      });

      it("has an environment with nothing of the host's in it, and what it is given", async () => {
        process.env.STEMMA_CONTRACT_SECRET = 'a secret of the host';
        await using other = await opened({ env: { FROM_SPEC: 'spec', BOTH: 'spec' } });
        const { stdout } = await other.exec('env -0; tr "\\0" "\\n" < /proc/1/environ 2>/dev/null', {
          env: { FROM_EXEC: 'exec\nline', BOTH: 'exec' },
        });
        delete process.env.STEMMA_CONTRACT_SECRET;
        const env = new Map(
          stdout
            .split('\0')
            .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
        );
        expect(env.get('FROM_SPEC')).toBe('spec');
        expect(env.get('FROM_EXEC')).toBe('exec\nline');
        expect(env.get('BOTH')).toBe('exec');
        expect(stdout).not.toContain('a secret of the host');
        const expected = ['HOME', 'LANG', 'LOGNAME', 'PATH', 'PWD', 'USER', 'HOSTNAME', 'SHLVL', '_'];
        const given = ['FROM_SPEC', 'FROM_EXEC', 'BOTH', ''];
        expect([...env.keys()].filter((name) => ![...expected, ...given].includes(name))).toEqual([]);
      });

      it('gives a program what it is to read, and nothing otherwise', async () => {
        expect((await sandbox.exec('cat', { stdin: 'given' })).stdout).toBe('given');
        expect((await sandbox.exec('cat')).stdout).toBe('');
        const bytes = new Uint8Array(3 * MiB).fill(7);
        const counted = await sandbox.exec('wc -c', { stdin: bytes });
        expect(Number(counted.stdout)).toBe(3 * MiB);
        // What is not read does no harm.
        expect((await sandbox.exec('true', { stdin: bytes })).exitCode).toBe(0);
      });

      it('has real pipes for streams, which programs may open again', async () => {
        const { stdout, stderr } = await sandbox.exec(
          'echo out > /dev/stdout; echo err | tee /dev/stderr >/dev/null',
        );
        expect([stdout, stderr]).toEqual(['out\n', 'err\n']);
      });

      it('keeps the first bytes of each stream and counts the rest', async () => {
        const flood = 'head -c 300000 /dev/zero | tr "\\0" a; head -c 50 /dev/zero | tr "\\0" b >&2';
        const { stdout, stderr, dropped } = await sandbox.exec(flood, { maxOutputBytes: 1000 });
        expect(stdout).toBe('a'.repeat(1000));
        expect(stderr).toBe('b'.repeat(50));
        expect(dropped).toEqual({ stdout: 299_000, stderr: 0 });
      });

      it('cuts no character in two', async () => {
        const { stdout, dropped } = await sandbox.exec('printf "aä"', { maxOutputBytes: 2 });
        expect(stdout).toBe('a');
        expect(dropped.stdout).toBe(1);
      });

      it('runs as an ordinary user, or as root of the inside', async () => {
        expect((await sandbox.exec('id -un; id -u')).stdout).toMatch(/^agent\n[1-9]\d*\n$/);
        const root = await sandbox.exec('id -u; touch by-root && chown 0 by-root', { user: 'root' });
        expect(root).toMatchObject({ exitCode: 0, stdout: '0\n' });
      });

      it('has no capability, and can get none', async () => {
        const { stdout } = await sandbox.exec('grep -E "^Cap(Prm|Eff|Amb)|^NoNewPrivs" /proc/self/status');
        expect([...stdout.matchAll(/^Cap\w+:\t0+$/gm)]).toHaveLength(3);
        expect(stdout).toMatch(/^NoNewPrivs:\t1$/m);
      });

      it('runs many commands at once', async () => {
        const numbers = Array.from({ length: 12 }, (_, i) => i);
        const said = await Promise.all(numbers.map((i) => sandbox.exec(`sleep 0.05; echo ${i}`)));
        expect(said.map(({ stdout }) => Number(stdout))).toEqual(numbers);
      });
    });

    describe('background processes', () => {
      it('live on between calls, and the call does not wait for them', async () => {
        const { durationMs } = await sandbox.exec(
          'rm -f ticks; (while :; do echo tick >> ticks; sleep 0.05; done) & echo $! > pid',
        );
        expect(durationMs).toBeLessThan(10_000);
        const count = async () => Number((await sandbox.exec('wc -l < ticks')).stdout);
        const first = await count();
        await expect.poll(count, { timeout: 20_000 }).toBeGreaterThan(first + 2);
        expect((await sandbox.exec('kill "$(cat pid)"')).exitCode).toBe(0);
      });

      it('can be reached over the loopback of the inside', async () => {
        const server =
          'python3 -m http.server 8123 --bind 127.0.0.1 >/dev/null 2>&1 & for i in $(seq 100); do ' +
          'python3 -c "import socket; socket.create_connection((\'127.0.0.1\', 8123))" 2>/dev/null && break; sleep 0.1; done';
        await sandbox.exec(server);
        const fetch = 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:8123/").status)';
        expect((await sandbox.exec(['python3', '-c', fetch])).stdout).toBe('200\n');
      });

      it('may go on writing to a stream that nobody reads any more', async () => {
        await sandbox.exec('rm -f wrote; (sleep 0.3; echo late; echo late >&2; echo yes > wrote) &');
        await expect
          .poll(async () => (await sandbox.exec('cat wrote')).stdout, { timeout: 20_000 })
          .toBe('yes\n');
      });
    });

    describe('limits', () => {
      it('end a command that takes too long, with all its children, however far they have gone', async () => {
        const mark = `mark-${process.pid}`;
        const line = [
          `setsid sh -c 'while :; do echo setsid >> ${mark}; sleep 0.02; done' &`,
          `( ( while :; do echo orphan >> ${mark}; sleep 0.02; done ) & ) &`,
          `setsid sh -c "( setsid sh -c 'while :; do echo deep >> ${mark}; sleep 0.02; done' & )" &`,
          `trap '' TERM INT HUP; echo started; while :; do sleep 0.02; done`,
        ].join('\n');
        const result = await sandbox.exec(line, { timeoutMs: 2500 });
        expect(result).toMatchObject({ exitCode: null, limit: 'time', stdout: 'started\n' });
        expect(result.durationMs).toBeLessThan(30_000);
        const count = async () => (await sandbox.exec(`sort ${mark} | uniq -c`)).stdout;
        const after = await count();
        for (const kind of ['setsid', 'orphan', 'deep']) expect(after).toContain(kind);
        await pause(300);
        expect(await count()).toBe(after);
      });

      it('spare what an earlier command left in the background', async () => {
        await sandbox.exec('sleep 300 & echo $! > sleeper');
        await sandbox.exec('sleep 60', { timeoutMs: 200 });
        expect((await sandbox.exec('kill "$(cat sleeper)"')).exitCode).toBe(0);
      });

      it('are those of the sandbox where a command has none of its own', async () => {
        await using other = await opened({ limits: { timeoutMs: 300, outputBytes: 10 } });
        expect((await other.exec('sleep 60')).limit).toBe('time');
        expect((await other.exec('printf 0123456789ab')).dropped.stdout).toBe(2);
      });

      it('hold the size of a file', async () => {
        await using other = await opened({ limits: { fileBytes: MiB } });
        const { exitCode, stderr } = await other.exec(
          'head -c 2000000 /dev/zero > big; echo $? >&2; wc -c < big',
        );
        expect(exitCode).toBe(0);
        expect(stderr).not.toMatch(/^0$/m);
        expect(Number((await other.exec('wc -c < big')).stdout)).toBeLessThanOrEqual(MiB);
      });

      it('hold all that is written together', async () => {
        await using other = await opened({ limits: { memoryBytes: 256 * MiB, diskBytes: 16 * MiB } });
        const fill = 'for i in 1 2 3 4 5 6; do head -c 4000000 /dev/zero > "$1/file-$i" || echo full; done';
        for (const folder of [other.workdir, '/tmp'])
          await other.exec(['/bin/sh', '-c', fill, 'fill', folder]);
        const { stdout } = await other.exec(
          `du -sk ${other.workdir} /tmp | awk '{ sum += $1 } END { print sum }'`,
        );
        expect(Number(stdout)).toBeLessThanOrEqual(16 * 1024 + 512);
        expect((await other.exec('echo still here')).stdout).toBe('still here\n');
      });

      it.skipIf(options.unheld?.includes('memory'))('hold the memory, and say so', async () => {
        await using other = await opened({ limits: { memoryBytes: 64 * MiB } });
        const bomb = ['python3', '-c', 'x = [bytearray(1 << 20) for _ in range(500)]; print(len(x))'];
        const result = await other.exec(bomb);
        expect(result).toMatchObject({ exitCode: null, limit: 'memory', stdout: '' });
        expect((await other.exec('echo still here')).stdout).toBe('still here\n');
      });

      it.skipIf(options.unheld?.includes('processes'))(
        'hold the processes, and the sandbox stays well',
        async () => {
          await using other = await opened({ limits: { processes: 24 } });
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

    describe('signals', () => {
      it('end a command with its children, and it rejects with their reason', async () => {
        const stop = new AbortController();
        const reason = new Error('enough');
        const running = sandbox.exec('setsid sleep 300 & echo $! > left; sleep 300', { signal: stop.signal });
        setTimeout(() => stop.abort(reason), 700);
        await expect(running).rejects.toBe(reason);
        await expect.poll(async () => (await sandbox.exec('kill -0 "$(cat left)"')).exitCode).not.toBe(0);
      });

      it('that were given before are noticed at once', async () => {
        const reason = new Error('too late');
        await expect(sandbox.exec('touch never', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
        await expect(sandboxes.open(SYSTEM, AbortSignal.abort(reason))).rejects.toBe(reason);
        expect((await sandbox.exec('ls never')).exitCode).not.toBe(0);
      });
    });

    describe('files', () => {
      it('are written with their folders, as the ordinary user, and read back byte for byte', async () => {
        const bytes = new Uint8Array(300_000).map((_, i) => (i * 31) % 256);
        await sandbox.writeFile('made/for it/file', bytes);
        expect(await sandbox.readFile('made/for it/file')).toEqual(bytes);
        await sandbox.writeFile('/tmp/-odd name\n', 'ä', { mode: 0o750 });
        expect(text(await sandbox.readFile('/tmp/-odd name\n'))).toBe('ä');
        const { stdout } = await sandbox.exec(
          'stat -c %U:%a "made/for it/file"; cd /tmp; stat -c %U:%a -- -odd*',
        );
        expect(stdout).toBe('agent:644\nagent:750\n');
      });

      it('are replaced whole, also where a pipe or a link lies in the way', async () => {
        await sandbox.exec('mkfifo in-the-way; ln -s /etc/passwd link-away; echo long long long > plain');
        for (const name of ['in-the-way', 'link-away', 'plain']) {
          await sandbox.writeFile(name, 'new');
          expect(text(await sandbox.readFile(name))).toBe('new');
        }
      });

      it("that can't be had are errors that say why", async () => {
        await sandbox.exec('mkdir -p folder; mkfifo pipe; ln -s /dev/zero endless; truncate -s 100M sparse');
        const reasons: [string, RegExp][] = [
          ['missing', /no such file/],
          ['folder', /no plain file/],
          ['pipe', /no plain file/],
          ['endless', /no plain file/],
          ['/dev/zero', /no plain file/],
          ['sparse', /larger than 16777216 bytes/],
        ];
        for (const [path, reason] of reasons) {
          const error = await sandbox.readFile(path).catch((caught: unknown) => caught);
          expect(error, path).toBeInstanceOf(SandboxFileError);
          expect((error as Error).message).toMatch(reason);
        }
        await expect(sandbox.readFile('made/for it/file', { maxBytes: 10 })).rejects.toThrow(
          /larger than 10/,
        );
        await expect(sandbox.writeFile('folder', 'x')).rejects.toBeInstanceOf(SandboxFileError);
        await expect(sandbox.writeFile('/usr/bin/x', 'x')).rejects.toBeInstanceOf(SandboxFileError);
      });

      it('of the task stand there before the first command, and are its own to change', async () => {
        await using other = await opened({
          workdir: '/task',
          files: {
            'data/a.csv': { data: 'a,b\n' },
            'run.sh': { data: '#!/bin/sh\necho ran\n', mode: 0o755 },
            '/records/old.bin': { data: new Uint8Array([0, 255, 10]) },
          },
        });
        expect(other.workdir).toBe('/task');
        expect((await other.exec('./run.sh; cat data/a.csv; od -An -tu1 /records/old.bin')).stdout).toBe(
          'ran\na,b\n   0 255  10\n',
        );
        const change =
          'echo more >> data/a.csv && touch /records/new data/new && stat -c %U run.sh /records data';
        expect((await other.exec(change)).stdout).toBe('agent\nagent\nagent\n');
      });
    });

    describe('snapshots', () => {
      it('say what there is: kinds, permissions, sizes, digests, targets', async () => {
        await using other = await opened({ files: { 'b/text': { data: 'hello', mode: 0o640 } } });
        await other.exec(
          'ln -s ../outside b/link; mkfifo b/pipe; touch "b/new\nline"; chmod 000 "b/new\nline"',
        );
        const tree = await other.snapshot();
        expect([...tree.keys()]).toEqual(['b', 'b/link', 'b/new\nline', 'b/pipe', 'b/text']);
        expect(tree.get('b/text')).toEqual({
          kind: 'file',
          mode: 0o640,
          bytes: 5,
          digest: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
        });
        expect(tree.get('b/link')).toMatchObject({ kind: 'link', target: '../outside' });
        expect(tree.get('b/link')?.digest).toMatch(/^[0-9a-f]{64}$/);
        expect(tree.get('b/pipe')).toMatchObject({ kind: 'other', digest: null });
        expect(tree.get('b/new\nline')?.digest).toMatch(/^e3b0c442/);
        expect([...(await other.snapshot('b')).keys()]).toContain('text');
        await expect(other.snapshot('/nowhere')).rejects.toBeInstanceOf(SandboxFileError);
      });

      it('are quick for a few hundred files', async () => {
        await using other = await opened();
        await other.exec('for i in $(seq 400); do echo $i > file-$i; done');
        const began = performance.now();
        expect((await other.snapshot()).size).toBe(400);
        expect(performance.now() - began).toBeLessThan(5000);
      });
    });

    describe('what is kept out', () => {
      it("shows neither the host's files nor its processes, and no network but its own", async () => {
        const folder = await mkdtemp(join(tmpdir(), 'stemma-contract-'));
        await writeFile(join(folder, 'witness'), 'of the host');
        const { stdout } = await sandbox.exec(
          `cat '${folder}/witness'; ls -d '${process.cwd()}' '${homedir()}'/.??*; cat /proc/net/dev; hostname`,
        );
        await rm(folder, { recursive: true });
        expect(stdout).not.toMatch(/of the host|\//);
        expect(stdout.match(/^\s*\w+:/gm)?.map((name) => name.trim())).toEqual(['lo:']);
        expect(stdout.trim().split('\n').at(-1)).toBe('sandbox');
        const { stdout: processes } = await sandbox.exec('cat /proc/[0-9]*/cmdline | tr "\\0" " "', {
          user: 'root',
        });
        expect(processes).not.toContain('vitest');
      });

      it('has a read-only root around the writable folders', async () => {
        for (const place of ['/', '/usr', '/etc', '/usr/bin']) {
          for (const user of ['agent', 'root'] as const)
            expect((await sandbox.exec(`touch ${place}/x`, { user })).exitCode, `${user} ${place}`).not.toBe(
              0,
            );
        }
        for (const place of ['.', '/tmp', '$HOME', '/dev/shm'])
          expect((await sandbox.exec(`touch ${place}/x`)).exitCode, place).toBe(0);
      });

      it('keeps sandboxes apart', async () => {
        await using other = await opened();
        await sandbox.exec('echo mine > /tmp/shared; sleep 30 & echo $! > /tmp/number');
        expect((await other.exec('cat /tmp/shared')).exitCode).not.toBe(0);
        expect((await other.exec('ps -e 2>/dev/null || ls /proc')).stdout).not.toContain('sleep');
      });
    });

    describe('a shell', () => {
      it('keeps its folder and its exported variables from line to line', async () => {
        const shell = openShell(sandbox);
        await shell.run('mkdir -p there && cd there && export ONE="a b\n\\"c" && two=not-kept');
        expect(shell.cwd).toBe(`${sandbox.workdir}/there`);
        const { stdout } = await shell.run('pwd; printf "%s|%s|" "$ONE" "$two"');
        expect(stdout).toBe(`${sandbox.workdir}/there\na b\n"c||`);
        await shell.run('unset ONE');
        expect((await shell.run('echo "<$ONE>"')).stdout).toBe('<>\n');
      });

      it('keeps the exit code, and the state also of a line that exits or is wrong', async () => {
        const shell = openShell(sandbox);
        expect((await shell.run('cd /tmp; export KEPT=1; exit 4')).exitCode).toBe(4);
        expect(shell.cwd).toBe('/tmp');
        expect((await shell.run('if then')).exitCode).not.toBe(0);
        expect((await shell.run('echo $KEPT; pwd')).stdout).toBe('1\n/tmp\n');
      });

      it('leaves the state as it was where a line is ended', async () => {
        const shell = openShell(sandbox);
        await shell.run('cd /tmp');
        expect((await shell.run('cd /; sleep 60', { timeoutMs: 500 })).limit).toBe('time');
        expect((await shell.run('pwd')).stdout).toBe('/tmp\n');
      });
    });

    describe('opening and closing', () => {
      it(`stands ${options.crowd ?? 20} at once`, async () => {
        const numbers = Array.from({ length: options.crowd ?? 20 }, (_, i) => i);
        const said = await Promise.all(
          numbers.map(async (i) => {
            await using one = await opened({ files: { number: { data: String(i) } } });
            await one.exec('sleep 0.1; cat number > copy');
            return text(await one.readFile('copy'));
          }),
        );
        expect(said.map(Number)).toEqual(numbers);
      });

      it('waits for a seat, first come first served, and leaves the queue when told', async () => {
        await using few = await options.open({ ...options.settings, atOnce: 1 });
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
        const other = await opened();
        const running = other.exec('sleep 300').catch((error: unknown) => error);
        await pause(300);
        await other[Symbol.asyncDispose]();
        await other[Symbol.asyncDispose]();
        expect(await running).toBeInstanceOf(SandboxError);
        await expect(other.exec('true')).rejects.toBeInstanceOf(SandboxError);
        await expect(other.readFile('x')).rejects.toBeInstanceOf(SandboxError);
      });

      it('disposing of all disposes of each', async () => {
        const all = await options.open({ ...options.settings, atOnce: 4 });
        const some = await Promise.all([all.open(SYSTEM, never), all.open(SYSTEM, never)]);
        await all[Symbol.asyncDispose]();
        for (const one of some) await expect(one.exec('true')).rejects.toBeInstanceOf(SandboxError);
        await expect(all.open(SYSTEM, never)).rejects.toBeInstanceOf(SandboxError);
      });
    });
  });
}
