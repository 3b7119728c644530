import { expect, test } from 'vitest';
import { SandboxFileError } from '../core/index.ts';
import type { RawResult } from './inside.ts';
import { snapshotInside } from './inside-files.ts';

const listing = `d 755 4096 a\0\0f 644 2 a/b\0\0\0${'5'.repeat(64)}  ./a/b\0`;

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
])('half a listing is none: %s', async (_, result) => {
  const listed = snapshotInside(async () => said(result), '/workspace');
  await expect(listed).rejects.toThrow(SandboxFileError);
  await expect(listed).rejects.toThrow('the program that lists it was killed');
});

test('a file that went while it was looked at is no fault', async () => {
  const stderr = Buffer.from('sha256sum: ./a/c: No such file or directory\n');
  await expect(snapshotInside(async () => said({ stderr }), '/workspace')).resolves.toHaveProperty('size', 2);
});
