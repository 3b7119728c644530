import { expect, it } from 'vitest';
import type { FileEntry } from '../core/index.ts';
import { diffTrees } from './tree.ts';

const file = (digest: string, mode = 0o644): FileEntry => ({ kind: 'file', mode, bytes: 1, digest });

it('tells what was added, changed and removed, sorted', () => {
  const before = new Map([
    ['gone', file('a')],
    ['same', file('b')],
    ['text', file('c')],
    ['tool', file('d', 0o555)],
  ]);
  const after = new Map([
    ['z-new', file('e')],
    ['tool', file('d', 0o755)],
    ['text', file('C')],
    ['same', file('b')],
    ['a-new', file('f')],
  ]);
  expect(diffTrees(before, after)).toEqual({
    added: ['a-new', 'z-new'],
    changed: ['text', 'tool'],
    removed: ['gone'],
  });
});
