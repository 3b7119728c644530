import { describe, expect, it } from 'vitest';
import { SandboxFileError } from '../../../core/index.ts';
import type { Given } from './given.ts';

/** Lists of all files. */
export function snapshots(given: Given): void {
  describe('snapshots', () => {
    it('say what there is: kinds, permissions, sizes, digests, targets', async () => {
      await using other = await given.opened({ files: { 'b/text': { data: 'hello', mode: 0o640 } } });
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

    it('keep names apart that are not UTF-8, and list a file that is too large to be read', async () => {
      await using other = await given.opened();
      await other.exec(
        `printf x > "$(printf 'a\\377')"; printf y > "$(printf 'a\\376')"; truncate -s 80M sparse`,
      );
      const tree = await other.snapshot();
      const odd = [...tree].filter(([path]) => path !== 'sparse');
      expect(new Set(odd.map(([, { digest }]) => digest)).size).toBe(2);
      expect(tree.get('sparse')).toMatchObject({ kind: 'file', bytes: 80 * 2 ** 20, digest: null });
    });

    it('are quick for a few hundred files', async () => {
      await using other = await given.opened();
      await other.exec('for i in $(seq 400); do echo $i > file-$i; done');
      const began = performance.now();
      expect((await other.snapshot()).size).toBe(400);
      expect(performance.now() - began).toBeLessThan(5000);
    });
  });
}
