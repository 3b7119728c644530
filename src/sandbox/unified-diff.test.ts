import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { unifiedDiff } from './unified-diff.ts';

const folder = mkdtempSync(join(tmpdir(), 'stemma-diff-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hasPatch = spawnSync('patch', ['--version']).status === 0;

describe('unifiedDiff', () => {
  it('shows a change with three lines around it', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng\nh\n';
    expect(unifiedDiff(before, before.replace('e', 'E'), { path: 'x' })).toBe(
      '--- a/x\n+++ b/x\n@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n',
    );
  });

  it('is empty for equal texts', () => {
    expect(unifiedDiff('a', 'a', { path: 'x' })).toBe('');
  });

  it('says that a file was added, or removed', () => {
    expect(unifiedDiff(null, 'a\n', { path: 'x' })).toBe('--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n');
    expect(unifiedDiff('a\n', null, { path: 'x' })).toBe('--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n');
  });

  it('tells a last line that does not end from one that does', () => {
    expect(unifiedDiff('a\n', 'a', { path: 'x' })).toContain('-a\n+a\n\\ No newline at end of file');
  });

  it('keeps far changes apart and joins near ones', () => {
    const lines = Array.from({ length: 40 }, (_, i) => `${i}\n`);
    const after = lines.with(2, 'two\n').with(6, 'six\n').with(30, 'thirty\n').join('');
    expect(unifiedDiff(lines.join(''), after, { path: 'x' }).match(/^@@/gm)).toHaveLength(2);
  });

  it('is cut where it would be too long, and says so', () => {
    const text = 'x'.repeat(100).split('').join('\n');
    const diff = unifiedDiff('', text, { path: 'x', maxLength: 80 });
    expect(diff.length).toBeLessThan(130);
    expect(diff).toMatch(/more characters\)\n$/);
  });

  it('gives up on the shortest script where it is very long', () => {
    const lines = (name: string) => Array.from({ length: 3000 }, (_, i) => `${name}${i}\n`).join('');
    const diff = unifiedDiff(lines('a'), lines('b'), { path: 'x', maxLength: 1e6 });
    expect(diff.match(/^-a/gm)).toHaveLength(3000);
    expect(diff.match(/^\+b/gm)).toHaveLength(3000);
  });

  it('turns one text into the other, with no more changes than are needed', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const body = unifiedDiff(`${before.join('\n')}\n`, `${after.join('\n')}\n`, {
          path: 'x',
          context: 99,
        });
        if (body === '') return before.join('\n') === after.join('\n');
        const lines = body.trimEnd().split('\n').slice(3);
        const side = (sign: string) =>
          body
            .split('\n')
            .slice(3, -1)
            .filter((line) => line.startsWith(' ') || line.startsWith(sign))
            .map((line) => line.slice(1))
            .join('\n');
        const changes = lines.filter((line) => /^[+-]/.test(line)).length;
        return (
          side('-') === before.join('\n') &&
          side('+') === after.join('\n') &&
          changes === distance(`${before.join('\n')}`.split('\n'), `${after.join('\n')}`.split('\n'))
        );
      }),
    );
  });

  it.skipIf(!hasPatch)('is what patch(1) takes (apt-get install patch)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }),
        fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }),
        (a, b) => {
          const [before, after] = [`${a.join('\n')}\n`, `${b.join('\n')}\n`];
          if (before === after) return;
          writeFileSync(join(folder, 'file'), before);
          const patched = spawnSync('patch', ['-s', '-o', '-', join(folder, 'file')], {
            input: unifiedDiff(before, after, { path: 'file' }),
            encoding: 'utf8',
          });
          expect(patched.stdout).toBe(after);
        },
      ),
      { numRuns: 15 },
    );
  });
});

/** Insertions and deletions from one to the other, by the longest common subsequence. */
function distance(a: readonly string[], b: readonly string[]): number {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++)
      table[i]![j] =
        a[i - 1] === b[j - 1] ? table[i - 1]![j - 1]! + 1 : Math.max(table[i - 1]![j]!, table[i]![j - 1]!);
  return a.length + b.length - 2 * table[a.length]![b.length]!;
}
