import { expect, test } from 'vitest';
import {
  type FileEntry,
  type FileTree,
  type Sandbox,
  SandboxError,
  SandboxFileError,
  UNLISTED,
} from '../../../core/index.ts';
import { FileHistory } from './watch.ts';

const file = (digest: string): FileEntry => ({ kind: 'file', mode: 0o644, bytes: 3, digest });
const unlisted: FileEntry = { kind: 'other', mode: 0, bytes: 0, digest: null };

/** A sandbox whose snapshots are given one after the other. */
function sandboxOf(...snapshots: readonly (FileTree | Error)[]): Sandbox {
  const left = [...snapshots];
  return {
    workdir: '/workspace',
    snapshot: async () => {
      const next = left.shift()!;
      if (next instanceof Error) throw next;
      return next;
    },
    readFile: async () => Buffer.from('abc'),
  } as unknown as Sandbox;
}

test('keeps each version of a file, and what became of it', async () => {
  const history = await FileHistory.begin(
    sandboxOf(new Map([['a', file('1')]]), new Map([['a', file('2')]]), new Map()),
  );
  await history.look();
  const versions = (await history.end()).get('a')!;
  expect(versions.map(({ call, entry }) => [call, entry?.digest])).toEqual([
    [0, '1'],
    [1, '2'],
    [null, undefined],
  ]);
});

test('files that can not be listed count as they were, and the history says that there are some', async () => {
  const history = await FileHistory.begin(
    sandboxOf(
      new Map([
        ['a', file('1')],
        ['deep/er/and/b', file('2')],
      ]),
      new Map([
        ['a', file('3')],
        [UNLISTED, unlisted],
      ]),
    ),
  );
  const seen = await history.end();
  expect(seen.get('a')!.at(-1)).toMatchObject({ call: null, entry: { digest: '3' } });
  expect(seen.get('deep/er/and/b')).toHaveLength(1);
  expect(seen.get(UNLISTED)!.at(-1)).toMatchObject({ entry: { kind: 'other' } });
});

test('a folder that is gone has no files; a sandbox that died is an error', async () => {
  const gone = await FileHistory.begin(
    sandboxOf(new Map([['a', file('1')]]), new SandboxFileError('there is no such file')),
  );
  expect((await gone.end()).get('a')!.at(-1)).toMatchObject({ entry: null });
  const died = await FileHistory.begin(sandboxOf(new Map(), new SandboxError('it died')));
  await expect(died.end()).rejects.toThrow('it died');
});
