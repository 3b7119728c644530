import { describe, expect, it } from 'vitest';
import { type Given, MiB } from './given.ts';

/** What programs are given, how they are run, and what is told of them. */
export function exec(given: Given): void {
  describe('exec', () => {
    it('runs an argument list as it is, and a string as a shell line', async () => {
      const list = await given.sandbox.exec(['printf', '%s|', 'a b', '$HOME', "it's", '*']);
      expect(list.stdout).toBe("a b|$HOME|it's|*|");
      expect((await given.sandbox.exec('printf %s "$((6 * 7))"; echo no >&2; exit 3')).exitCode).toBe(3);
      expect(await given.sandbox.exec('printf x; printf y >&2')).toMatchObject({
        exitCode: 0,
        stdout: 'x',
        stderr: 'y',
        dropped: { stdout: 0, stderr: 0 },
      });
    });

    it('says which signal ended a program, and does not take exit code 137 for one', async () => {
      expect(await given.sandbox.exec('kill -KILL $$')).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
      expect(await given.sandbox.exec('kill -TERM $$')).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
      const plain = await given.sandbox.exec('exit 137');
      expect(plain.exitCode).toBe(137);
      expect(plain.signal).toBeUndefined();
      expect(plain.limit).toBeUndefined();
    });

    it('reports a program that is not there as a shell does, and does not throw', async () => {
      const { exitCode, stderr } = await given.sandbox.exec(['no-such-program']);
      expect(exitCode).toBe(127);
      expect(stderr).toMatch(/no-such-program/);
    });

    it('says that a command is too long for the system, and runs the longest that is not', async () => {
      const longest = (1 << 17) - 1;
      const fits = `echo ok #${'x'.repeat(longest - 9)}`;
      expect((await given.sandbox.exec(fits)).stdout).toBe('ok\n');
      for (const command of [
        `${'é'.repeat(longest / 2)}; echo ok`,
        ['printf', '%s', 'x'.repeat(longest + 1)],
      ]) {
        const { exitCode, stderr, stdout } = await given.sandbox.exec(command);
        expect([exitCode, stdout]).toEqual([126, '']);
        expect(stderr).toContain('Argument list too long');
      }
    });

    it('starts in the workdir, or where it is told, also relative to it', async () => {
      expect((await given.sandbox.exec('pwd')).stdout).toBe(`${given.sandbox.workdir}\n`);
      expect((await given.sandbox.exec('pwd', { cwd: '/tmp' })).stdout).toBe('/tmp\n');
      await given.sandbox.exec('mkdir -p "sub dir"');
      expect((await given.sandbox.exec('pwd', { cwd: 'sub dir' })).stdout).toBe(
        `${given.sandbox.workdir}/sub dir\n`,
      );
      expect((await given.sandbox.exec('pwd', { cwd: '/nowhere' })).exitCode).not.toBe(0);
    });

    it("has an environment with nothing of the host's in it, and what it is given", async () => {
      process.env.STEMMA_CONTRACT_SECRET = 'a secret of the host';
      await using other = await given.opened({ env: { FROM_SPEC: 'spec', BOTH: 'spec' } });
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
      const asked = ['FROM_SPEC', 'FROM_EXEC', 'BOTH', ''];
      expect([...env.keys()].filter((name) => ![...expected, ...asked].includes(name))).toEqual([]);
    });

    it('gives a program what it is to read, and nothing otherwise', async () => {
      expect((await given.sandbox.exec('cat', { stdin: 'given' })).stdout).toBe('given');
      expect((await given.sandbox.exec('cat')).stdout).toBe('');
      const bytes = new Uint8Array(3 * MiB).fill(7);
      const counted = await given.sandbox.exec('wc -c', { stdin: bytes });
      expect(Number(counted.stdout)).toBe(3 * MiB);
      // What is not read does no harm.
      expect((await given.sandbox.exec('true', { stdin: bytes })).exitCode).toBe(0);
    });

    it('has real pipes for streams, which programs may open again', async () => {
      const { stdout, stderr } = await given.sandbox.exec(
        'echo out > /dev/stdout; echo err | tee /dev/stderr >/dev/null',
      );
      expect([stdout, stderr]).toEqual(['out\n', 'err\n']);
    });

    it('keeps the first bytes of each stream and counts the rest', async () => {
      const flood = 'head -c 300000 /dev/zero | tr "\\0" a; head -c 50 /dev/zero | tr "\\0" b >&2';
      const { stdout, stderr, dropped } = await given.sandbox.exec(flood, { maxOutputBytes: 1000 });
      expect(stdout).toBe('a'.repeat(1000));
      expect(stderr).toBe('b'.repeat(50));
      expect(dropped).toEqual({ stdout: 299_000, stderr: 0 });
    });

    it('cuts no character in two', async () => {
      const { stdout, dropped } = await given.sandbox.exec('printf "aä"', { maxOutputBytes: 2 });
      expect(stdout).toBe('a');
      expect(dropped.stdout).toBe(1);
    });

    it('runs as an ordinary user, or as root of the inside', async () => {
      expect((await given.sandbox.exec('id -un; id -u')).stdout).toMatch(/^agent\n[1-9]\d*\n$/);
      const root = await given.sandbox.exec('id -u; touch by-root && chown 0 by-root', { user: 'root' });
      expect(root).toMatchObject({ exitCode: 0, stdout: '0\n' });
    });

    it('has no capability, and can get none', async () => {
      const { stdout } = await given.sandbox.exec(
        'grep -E "^Cap(Prm|Eff|Amb)|^NoNewPrivs" /proc/self/status',
      );
      expect([...stdout.matchAll(/^Cap\w+:\t0+$/gm)]).toHaveLength(3);
      expect(stdout).toMatch(/^NoNewPrivs:\t1$/m);
    });

    it('runs many commands at once', async () => {
      const numbers = Array.from({ length: 12 }, (_, i) => i);
      const said = await Promise.all(numbers.map((i) => given.sandbox.exec(`sleep 0.05; echo ${i}`)));
      expect(said.map(({ stdout }) => Number(stdout))).toEqual(numbers);
    });
  });
}
