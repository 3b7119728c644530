import { describe, expect, it } from 'vitest';
import { SandboxFileError } from '../../../core/index.ts';
import { type Given, text } from './given.ts';

/** Reading and writing files from outside, and those of the task. */
export function files(given: Given): void {
  describe('files', () => {
    it('are written with their folders, as the ordinary user, and read back byte for byte', async () => {
      const bytes = new Uint8Array(300_000).map((_, i) => (i * 31) % 256);
      await given.sandbox.writeFile('made/for it/file', bytes);
      expect(await given.sandbox.readFile('made/for it/file')).toEqual(bytes);
      await given.sandbox.writeFile('/tmp/-odd name\n', 'ä', { mode: 0o750 });
      expect(text(await given.sandbox.readFile('/tmp/-odd name\n'))).toBe('ä');
      const { stdout } = await given.sandbox.exec(
        'stat -c %U:%a "made/for it/file"; cd /tmp; stat -c %U:%a -- -odd*',
      );
      expect(stdout).toBe('agent:644\nagent:750\n');
    });

    it('are replaced whole, also where a pipe or a link lies in the way', async () => {
      await given.sandbox.exec('mkfifo in-the-way; ln -s /etc/passwd link-away; echo long long long > plain');
      for (const name of ['in-the-way', 'link-away', 'plain']) {
        await given.sandbox.writeFile(name, 'new');
        expect(text(await given.sandbox.readFile(name))).toBe('new');
      }
    });

    it("that can't be had are errors that say why", async () => {
      await given.sandbox.exec(
        'mkdir -p folder; mkfifo pipe; ln -s /dev/zero endless; truncate -s 100M sparse',
      );
      const reasons: [string, RegExp][] = [
        ['missing', /no such file/],
        ['folder', /not a plain file/],
        ['pipe', /not a plain file/],
        ['endless', /not a plain file/],
        ['/dev/zero', /not a plain file/],
        ['sparse', /larger than 16777216 bytes/],
      ];
      for (const [path, reason] of reasons) {
        const error = await given.sandbox.readFile(path).catch((caught: unknown) => caught);
        expect(error, path).toBeInstanceOf(SandboxFileError);
        expect((error as Error).message).toMatch(reason);
      }
      await expect(given.sandbox.readFile('made/for it/file', { maxBytes: 10 })).rejects.toThrow(
        /larger than 10/,
      );
      await expect(given.sandbox.writeFile('folder', 'x')).rejects.toBeInstanceOf(SandboxFileError);
      await expect(given.sandbox.writeFile('/usr/bin/x', 'x')).rejects.toBeInstanceOf(SandboxFileError);
    });

    it('of the task are there before the first command, and are its own to change', async () => {
      await using other = await given.opened({
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
}
