import { describe, expect, it } from 'vitest';
import { bashLine, memorySandbox } from '../testing/memory-sandbox.ts';
import { bashTool } from './bash.ts';
import { doneTool } from './done.ts';
import { readTool } from './read.ts';
import { writeTool } from './write.ts';

const { signal } = new AbortController();

describe('bash', () => {
  const shows = async (result: object) => {
    const sandbox = memorySandbox({ exec: () => result });
    return bashTool.run({ command: 'make' }, sandbox, signal);
  };

  it.each([
    [{ stdout: 'a\nb\n' }, 'a\nb'],
    [{}, '[no output]'],
    [{ stdout: 'a\n', stderr: 'oops\n', exitCode: 2 }, 'a\n[standard error]\noops\n[exit code 2]'],
    [{ exitCode: null, signal: 'SIGSEGV' }, '[ended by SIGSEGV]'],
    [{ stdout: 'a', dropped: { stdout: 5000, stderr: 0 } }, 'a\n[… 5,000 more bytes were thrown away …]'],
  ])('shows %j', async (result, content) => {
    expect(await shows(result)).toEqual({ content });
  });

  it('a command that a limit ended is an error, which says so', async () => {
    expect(await shows({ stdout: 'a\n', exitCode: null, limit: 'time', durationMs: 60_020 })).toEqual({
      content: 'a\n[stopped after 60 seconds, with all it had started]',
      isError: true,
    });
    expect(await shows({ exitCode: null, limit: 'memory' })).toMatchObject({ isError: true });
  });

  it('hands the command on as it is, quotes and all', async () => {
    const sandbox = memorySandbox();
    const command = `echo "it's" '$HOME' \\`;
    await bashTool.run({ command }, sandbox, signal);
    expect(sandbox.commands.map(bashLine)).toEqual([command]);
  });
});

describe('read and write', () => {
  const text = 'one\ntwo\nthree\n';

  it('read what is there, or some lines of it', async () => {
    const sandbox = memorySandbox({ files: { 'a.txt': text, 'b.bin': 'a\0b' } });
    const read = (args: object) => readTool.run({ path: 'a.txt', ...args }, sandbox, signal);
    expect(await read({})).toEqual({ content: text });
    expect(await read({ from: 2 })).toEqual({ content: 'two\nthree\n' });
    expect(await read({ from: 2, lines: 1 })).toEqual({ content: 'two' });
    expect(await read({ lines: 2 })).toEqual({ content: 'one\ntwo' });
    expect(await read({ from: 9 })).toMatchObject({ isError: true });
    expect(await readTool.run({ path: 'b.bin' }, sandbox, signal)).toMatchObject({
      isError: true,
      content: 'b.bin is not a text file (3 bytes).',
    });
  });

  it('write what they are told to, and say how much', async () => {
    const sandbox = memorySandbox();
    const result = await writeTool.run({ path: 'sub/a.txt', content: 'größer' }, sandbox, signal);
    expect(result).toEqual({ content: 'Wrote 8 bytes to sub/a.txt.' });
    expect(sandbox.files.get('/workspace/sub/a.txt')).toBe('größer');
  });
});

describe('done', () => {
  it('ends the task', async () => {
    expect(await doneTool.run({}, memorySandbox(), signal)).toMatchObject({ ends: true });
  });
});
