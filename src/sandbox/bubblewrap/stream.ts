import { readSync } from 'node:fs';
import { Socket } from 'node:net';
import { Output } from '../output.ts';

/** The most looks at a pipe when a command has ended: what fills it as fast as it is read is not waited for. */
const LAST_READS = 64;
/** What is read of one stream at full speed after its limit; then slowly, so that a flood can't take up our own time. */
const FREE_BYTES = 64 * 2 ** 20;
const SLOW_MS = 10;

/** One stream that a command writes to. */
export class Stream {
  readonly #socket: Socket;
  readonly #fd: number;
  readonly #output: Output;
  #open = true;

  constructor(fd: number, limit: number) {
    this.#fd = fd;
    this.#output = new Output(limit);
    this.#socket = new Socket({ fd, readable: true, writable: false });
    this.#socket.on('data', (chunk) => this.#take(chunk));
    this.#socket.on('error', () => {});
  }

  #take(chunk: Buffer): void {
    this.#output.add(chunk);
    if (!this.#open) this.#socket.pause();
    else if (this.#output.dropped > FREE_BYTES) {
      this.#socket.pause();
      setTimeout(() => this.#open && this.#socket.resume(), SLOW_MS).unref();
    }
  }

  /**
   * What the command wrote, once it has ended. Processes that it left behind may hold the stream open: they can write
   * until the pipe is full, and then wait; nothing of it is kept.
   *
   * @param onClose  called when nobody can write to it any more
   */
  finish(onClose: () => void): Output {
    const buffer = Buffer.alloc(65_536);
    for (let i = 0; i < LAST_READS && this.#isReadable; i++) {
      const n = take(this.#fd, buffer);
      if (n === 0) break;
      this.#output.add(buffer.subarray(0, n));
    }
    this.#open = false;
    if (this.#socket.destroyed) onClose();
    else {
      this.#socket.once('close', onClose);
      this.#socket.resume();
      this.#socket.unref();
    }
    return this.#output.end();
  }

  get #isReadable(): boolean {
    return !this.#socket.destroyed && !this.#socket.readableEnded;
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** @returns 0 at the end, and where there is nothing just now */
function take(fd: number, buffer: Buffer): number {
  try {
    return readSync(fd, buffer);
  } catch {
    return 0;
  }
}
