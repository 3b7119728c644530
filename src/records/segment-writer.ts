import type { FileHandle } from 'node:fs/promises';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { RecordsError } from '../core/index.ts';
import { diskError } from './disk-error.ts';

/** What of a file handle a segment needs. */
export type SegmentFile = Pick<FileHandle, 'write' | 'datasync' | 'truncate' | 'close'>;

/** Lines that go to disk together. */
interface PendingLines extends PromiseWithResolvers<void> {
  readonly lines: string[];
  characters: number;
}

/**
 * Under load, at most one flush in so many milliseconds: a flush costs as much for one line as for a hundred, so waiting
 * for more saves processor time and takes less than a trial would notice.
 */
const FLUSH_INTERVAL_MS = 2;
/** Characters written at once; keeps the buffer small when large transcripts come in together. */
const BATCH_CHARACTERS = 8 << 20;

/**
 * Appends lines to one segment, many at a time: all that is waiting goes to disk in one write and one fdatasync (group
 * commit), and only then counts. After a failed write the file is cut back to its last good length, and the segment takes
 * no more: what the disk holds after that is not known well enough to go on.
 */
export class SegmentWriter {
  readonly #path: string;
  readonly #file: SegmentFile;
  readonly #onFlush: () => void;
  /** Bytes known to be on disk. */
  #size: number;
  #pending: PendingLines[] = [];
  #draining: Promise<void> | null = null;
  #failure: RecordsError | null = null;

  /**
   * @param file     opened for appending
   * @param size     its length, up to which it holds complete lines
   * @param onFlush  called whenever more is on disk
   */
  constructor(path: string, file: SegmentFile, size: number, onFlush: () => void) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
    this.#onFlush = onFlush;
  }

  /** Resolves when the lines (each with its line feed) are on disk. @throws RecordsError when they can't be */
  append(lines: string): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    let batch = this.#pending.at(-1);
    if (batch === undefined || batch.characters >= BATCH_CHARACTERS) {
      batch = { lines: [], characters: 0, ...Promise.withResolvers<void>() };
      this.#pending.push(batch);
    }
    batch.lines.push(lines);
    batch.characters += lines.length;
    this.#draining ??= this.#drain();
    return batch.promise;
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
      const batch = this.#pending.shift()!;
      underLoad = batch.lines.length > 1;
      try {
        await this.#write(Buffer.from(batch.lines.join(''), 'utf8'));
      } catch (error) {
        await this.#fail(error, batch);
        break;
      }
      this.#onFlush();
      batch.resolve();
    }
    this.#draining = null;
  }

  async #write(bytes: Buffer): Promise<void> {
    for (let written = 0; written < bytes.length; ) {
      written += (await this.#file.write(bytes, written, bytes.length - written)).bytesWritten;
    }
    await this.#file.datasync();
    this.#size += bytes.length;
  }

  async #fail(error: unknown, batch: PendingLines): Promise<void> {
    const failure = diskError(error, this.#path);
    this.#failure = failure;
    try {
      await this.#file.truncate(this.#size);
      await this.#file.datasync();
    } catch {
      // The disk won't even shorten a file. What stays over is a torn line, which readers pass over, or lines that are
      // whole after all: then their trials need not run again.
    }
    for (const { reject } of [batch, ...this.#pending.splice(0)]) reject(failure);
  }
}
