import type { FileHandle } from 'node:fs/promises';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { RecordsError } from '../core/index.ts';
import { diskError } from './disk-error.ts';
import type { RecordLine } from './line.ts';

/** What of a file handle a segment needs. */
export type SegmentFile = Pick<FileHandle, 'write' | 'datasync' | 'truncate' | 'close'>;

/** A line to be written, with its line feed. */
type TextLine = Pick<RecordLine, 'text'>;

/** What somebody wants written, and waits for. */
interface Appended<L extends TextLine> {
  readonly make: () => readonly L[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Lines that go to disk together, and who waits for them. */
interface Flush<L extends TextLine> {
  readonly lines: readonly L[];
  readonly appended: readonly Appended<L>[];
}

/** Told of lines that are on disk: the offset of the first, and the length of each in bytes. */
type OnFlush<L extends TextLine> = (lines: readonly L[], offset: number, lengths: readonly number[]) => void;

/**
 * Under load, at most one flush in so many milliseconds: a flush costs as much for one line as for a hundred, so waiting
 * for more saves processor time and takes less than a trial would notice.
 */
const FLUSH_INTERVAL_MS = 5;
/** About so many characters are written at once; keeps the buffer small when large transcripts come in together. */
const BATCH_CHARACTERS = 8 << 20;
/** Size of the buffer in which batches are encoded. A larger batch gets a buffer of its own. */
const BUFFER_BYTES = 1 << 18;

/**
 * Appends lines to one segment, many at a time: all that is waiting goes to disk in one write and one fdatasync (group
 * commit), and only then counts. After a failed write the file is cut back to its last good length, and the segment takes
 * no more: what the disk holds after that is not known well enough to go on.
 */
export class SegmentWriter<L extends TextLine = TextLine> {
  readonly #path: string;
  readonly #file: SegmentFile;
  readonly #onFlush: OnFlush<L>;
  /** Bytes known to be on disk. */
  #size: number;
  #pending: Appended<L>[] = [];
  #draining: Promise<void> | null = null;
  #failure: RecordsError | null = null;
  /** Used again for each batch: new buffers, and one text of all lines, would cost the garbage collector time. */
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);

  /**
   * @param file     opened for appending
   * @param size     its length, up to which it holds complete lines
   * @param onFlush  called whenever more is on disk
   */
  constructor(path: string, file: SegmentFile, size: number, onFlush: OnFlush<L>) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
    this.#onFlush = onFlush;
  }

  /**
   * Resolves when the lines are on disk.
   *
   * @param make is called when they are written: to make the lines of many records one after the other takes the processor half
   *   as long as to make each when it comes, between other work
   * @throws what `make` throws, and nothing is written then; RecordsError when the lines can't be written
   */
  append(make: () => readonly L[]): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#pending.push({ make, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Waits for what was appended, then closes the file. */
  async close(): Promise<void> {
    await this.#draining;
    await this.#file.close();
    this.#failure ??= new RecordsError('the run folder was closed', { place: { file: this.#path } });
  }

  async #drain(): Promise<void> {
    let underLoad = false;
    let flushedAt = 0;
    while (this.#pending.length > 0) {
      const wait = underLoad ? flushedAt + FLUSH_INTERVAL_MS - performance.now() : 0;
      await (wait > 0 ? delay(wait) : nextTurn());
      flushedAt = performance.now();
      const { lines, appended } = this.#nextBatch();
      underLoad = lines.length > 1;
      if (lines.length === 0) continue;
      const offset = this.#size;
      const lengths = lines.map(({ text }) => Buffer.byteLength(text));
      try {
        await this.#write(this.#encoded(lines, lengths));
      } catch (error) {
        await this.#fail(error, appended);
        break;
      }
      this.#onFlush(lines, offset, lengths);
      for (const { resolve } of appended) resolve();
    }
    this.#draining = null;
  }

  /** Makes the lines of what was appended first. What can't be made a line is refused to whoever appended it. */
  #nextBatch(): Flush<L> {
    const lines: L[] = [];
    const appended: Appended<L>[] = [];
    let characters = 0;
    let taken = 0;
    while (taken < this.#pending.length && characters < BATCH_CHARACTERS) {
      const next = this.#pending[taken++]!;
      try {
        for (const line of next.make()) {
          lines.push(line);
          characters += line.text.length;
        }
        appended.push(next);
      } catch (error) {
        next.reject(error);
      }
    }
    this.#pending = this.#pending.slice(taken);
    return { lines, appended };
  }

  /** Valid until the next batch is encoded. */
  #encoded(lines: readonly L[], lengths: readonly number[]): Buffer {
    const length = lengths.reduce((sum, bytes) => sum + bytes, 0);
    const buffer = length <= BUFFER_BYTES ? this.#buffer : Buffer.allocUnsafeSlow(length);
    let at = 0;
    for (const { text } of lines) at += buffer.write(text, at);
    return buffer.subarray(0, at);
  }

  async #write(bytes: Buffer): Promise<void> {
    for (let written = 0; written < bytes.length; ) {
      written += (await this.#file.write(bytes, written, bytes.length - written)).bytesWritten;
    }
    await this.#file.datasync();
    this.#size += bytes.length;
  }

  async #fail(error: unknown, appended: readonly Appended<L>[]): Promise<void> {
    const failure = diskError(error, this.#path);
    this.#failure = failure;
    try {
      await this.#file.truncate(this.#size);
      await this.#file.datasync();
    } catch {
      // The disk won't even shorten a file. What stays over is a torn line, which readers pass over, or lines that are
      // whole after all: then their trials need not run again.
    }
    for (const { reject } of [...appended, ...this.#pending.splice(0)]) reject(failure);
  }
}
