import { describe, expect, test } from 'vitest';
import { RecordsError } from '../core/index.ts';
import { type SegmentFile, SegmentWriter } from './segment-writer.ts';

/** A file in memory that fails as told, and counts what is asked of it. */
class MemoryFile {
  content = Buffer.alloc(0);
  durable = 0;
  writes = 0;
  syncs = 0;
  closed = false;
  /** At most so many bytes fit on the disk. */
  capacity = Number.POSITIVE_INFINITY;
  /** At most so many bytes are taken by one write. */
  mouthful = Number.POSITIVE_INFINITY;
  syncError: string | null = null;
  truncateError: string | null = null;

  async write(bytes: Buffer, offset: number, length: number): Promise<{ bytesWritten: number }> {
    this.writes++;
    const bytesWritten = Math.min(length, this.mouthful, this.capacity - this.content.length);
    if (bytesWritten === 0) throw systemError('ENOSPC');
    this.content = Buffer.concat([this.content, bytes.subarray(offset, offset + bytesWritten)]);
    return { bytesWritten };
  }
  async datasync(): Promise<void> {
    this.syncs++;
    if (this.syncError !== null) throw systemError(this.syncError);
    this.durable = this.content.length;
  }
  async truncate(length: number): Promise<void> {
    if (this.truncateError !== null) throw systemError(this.truncateError);
    this.content = this.content.subarray(0, length);
  }
  async close(): Promise<void> {
    this.closed = true;
  }
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: failed`), { code, syscall: 'write' });
}

function writerTo(file: MemoryFile): SegmentWriter {
  return new SegmentWriter('main.jsonl', file as unknown as SegmentFile, file.content.length, () => {});
}

const lines = (count: number) => Array.from({ length: count }, (_, index) => `{"n":${index}}\n`);
const append = (writer: SegmentWriter, ...texts: readonly string[]) =>
  writer.append(() => texts.map((text) => ({ text })));

describe('group commit', () => {
  test('what cannot be made a line is refused to whoever gave it; all else that came with it is written', async () => {
    const file = new MemoryFile();
    const writer = writerTo(file);
    const results = await Promise.allSettled([
      append(writer, '{"n":1}\n'),
      writer.append(() => {
        throw new RangeError('no line');
      }),
      append(writer, '{"n":2}\n'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await expect(writer.append(() => JSON.parse('no'))).rejects.toThrow(SyntaxError);
    await append(writer, '{"n":3}\n');
    await writer.close();
    expect(file.content.toString()).toBe('{"n":1}\n{"n":2}\n{"n":3}\n');
    expect(file.syncs).toBe(2);
  });

  test('what comes in together goes to disk by one write and one sync, in order', async () => {
    const file = new MemoryFile();
    const writer = writerTo(file);
    await Promise.all(lines(1000).map((line) => append(writer, line)));
    expect(file.content.toString()).toBe(lines(1000).join(''));
    expect(file.writes).toBe(1);
    expect(file.syncs).toBe(1);
  });

  test('an append resolves only when it is durable', async () => {
    const file = new MemoryFile();
    const writer = writerTo(file);
    let appended = 0;
    await Promise.all(
      lines(50).map(async (line) => {
        appended += Buffer.byteLength(line);
        const end = appended;
        await append(writer, line);
        expect(file.durable).toBeGreaterThanOrEqual(end);
      }),
    );
  });

  test('a write that takes only a part is gone on with', async () => {
    const file = new MemoryFile();
    file.mouthful = 3;
    await Promise.all([append(writerTo(file), '{"text":"é€"}\n')]);
    expect(file.content.toString()).toBe('{"text":"é€"}\n');
  });

  test('large records are not all gathered into one buffer', async () => {
    const file = new MemoryFile();
    const writer = writerTo(file);
    await Promise.all(Array.from({ length: 4 }, () => append(writer, `${'x'.repeat(5 << 20)}\n`)));
    expect(file.writes).toBe(2);
  });

  test('close waits for what is under way, and refuses what comes later', async () => {
    const file = new MemoryFile();
    const writer = writerTo(file);
    const pending = append(writer, '{}\n');
    await writer.close();
    await pending;
    expect(file.durable).toBe(3);
    expect(file.closed).toBe(true);
    await expect(append(writer, '{}\n')).rejects.toThrow(RecordsError);
  });
});

describe('a disk that fails', () => {
  test('full in the middle of a line: cut back to the last whole one, and no more is taken', async () => {
    const file = new MemoryFile();
    const writer = writerTo(file);
    await append(writer, '{"n":1}\n');
    file.capacity = 12;
    const failed = [append(writer, '{"n":2}\n'), append(writer, '{"n":3}\n')];
    for (const append of failed) {
      await expect(append).rejects.toMatchObject({
        message: expect.stringContaining('disk is full'),
        remedy: expect.stringContaining('Free some space'),
        place: { file: 'main.jsonl' },
        exitCode: 2,
      });
    }
    expect(file.content.toString()).toBe('{"n":1}\n');
    file.capacity = Number.POSITIVE_INFINITY;
    await expect(append(writer, '{"n":4}\n')).rejects.toThrow('disk is full');
    expect(file.content.toString()).toBe('{"n":1}\n');
  });

  test('an error of the sync counts as not written', async () => {
    const file = new MemoryFile();
    const writer = writerTo(file);
    file.syncError = 'EIO';
    await expect(append(writer, '{"n":1}\n')).rejects.toThrow('input/output error');
    expect(file.content.length).toBe(0);
  });

  test.each([
    ['EDQUOT', 'quota'],
    ['EROFS', 'read-only'],
    ['EACCES', 'may not write'],
    ['EMFILE', 'EMFILE'],
  ])('%s is told as "%s"', async (code, words) => {
    const file = new MemoryFile();
    const writer = writerTo(file);
    file.syncError = code;
    const error: RecordsError = await append(writer, '{}\n').then(
      () => expect.unreachable(),
      (error) => error,
    );
    expect(error).toBeInstanceOf(RecordsError);
    expect(error.toString()).toContain(words);
    expect(error.remedy).toBeTruthy();
  });

  test('a disk that will not even truncate still gets its failure told', async () => {
    const file = new MemoryFile();
    const writer = writerTo(file);
    file.capacity = 4;
    file.truncateError = 'EIO';
    await expect(append(writer, '{"n":1}\n')).rejects.toThrow('disk is full');
    await writer.close();
    expect(file.closed).toBe(true);
  });
});
