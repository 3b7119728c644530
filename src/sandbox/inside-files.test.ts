import { expect, test } from 'vitest';
import { SandboxFileError, UNLISTED } from '../core/index.ts';
import type { RawResult } from './inside.ts';
import { snapshotInside } from './inside-files.ts';

const listing = `d 755 4096 a\0\0f 644 2 a/b\0\0\0${'5'.repeat(64)}  ./a/b\0\0end`;

const said = (result: Partial<RawResult>): RawResult =>
  ({
    exitCode: 0,
    stdout: Buffer.from(listing),
    stderr: Buffer.alloc(0),
    dropped: { stdout: 0, stderr: 0 },
    durationMs: 1,
    ...result,
  }) as RawResult;

test('a listing is read', async () => {
  const tree = await snapshotInside(async () => said({}), '/workspace');
  expect([...tree.keys()]).toEqual(['a', 'a/b']);
  expect(tree.get('a/b')).toMatchObject({ kind: 'file', bytes: 2, digest: '5'.repeat(64) });
});

test.each([
  ['find was killed', { exitCode: 93 }],
  ['a program of its was', { stderr: Buffer.from("find: 'sha256sum' terminated by signal 9\n") }],
  ['there was no time', { exitCode: null, limit: 'time' as const }],
  ['there was no memory', { exitCode: null, limit: 'memory' as const }],
])('half a listing is not taken for the whole: %s', async (_, result) => {
  const hindered = async (command: readonly string[] | string) =>
    said(Array.isArray(command) && command.at(-1) === '' ? result : {});
  const tree = await snapshotInside(hindered, '/workspace');
  expect([...tree.keys()]).toEqual(['a', 'a/b', UNLISTED]);
  const nothing = await snapshotInside(async () => said(result), '/workspace');
  expect([...nothing.keys()]).toEqual([UNLISTED]);
});

test('a folder that is not there is an error', async () => {
  await expect(snapshotInside(async () => said({ exitCode: 90 }), '/nowhere')).rejects.toThrow(
    SandboxFileError,
  );
});

test('a file that went while it was looked at is not a fault', async () => {
  const stderr = Buffer.from('sha256sum: ./a/c: No such file or directory\n');
  await expect(snapshotInside(async () => said({ stderr }), '/workspace')).resolves.toHaveProperty('size', 2);
});

test('names that are not UTF-8 stay apart, and text stays text', async () => {
  const bytes = (text: string) => Buffer.from(text, 'latin1');
  const names = ['a\xff', 'a\xfe', 'a\\xff', Buffer.from('grün').toString('latin1')];
  const stdout = Buffer.concat([
    ...names.map((name) => bytes(`f 644 1 ${name}\0\0`)),
    bytes('\0'),
    ...names.map((name, index) => bytes(`${String(index).repeat(64)}  ./${name}\0`)),
    bytes('\0end'),
  ]);
  const tree = await snapshotInside(async () => said({ stdout }), '/workspace');
  expect(tree.size).toBe(4);
  expect(tree.get('grün')).toMatchObject({ digest: '3'.repeat(64) });
  expect(new Set([...tree.values()].map(({ digest }) => digest)).size).toBe(4);
});

test('what was not read in time has no digest, and all else is there', async () => {
  const stdout = Buffer.from(`f 644 9 big\0\0f 644 2 b\0\0\0${'5'.repeat(64)}  ./b\0${'6'.repeat(20)}\0end`);
  const tree = await snapshotInside(async () => said({ stdout }), '/workspace');
  expect(tree.get('b')).toMatchObject({ digest: '5'.repeat(64) });
  expect(tree.get('big')).toMatchObject({ bytes: 9, digest: null });
});

test('where there is too much to list, what is near the top is listed, and the rest is an entry', async () => {
  const depths: string[] = [];
  const tree = await snapshotInside(async (command) => {
    const depth = (command as readonly string[]).at(-1)!;
    depths.push(depth);
    return depth === '' ? said({ dropped: { stdout: 5, stderr: 0 } }) : said({});
  }, '/workspace');
  expect(depths).toEqual(['', '-maxdepth 3']);
  expect(tree.get('a/b')).toBeDefined();
  expect(tree.get(UNLISTED)).toMatchObject({ kind: 'other' });
});
