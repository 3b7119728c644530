import { readSync } from 'node:fs';
import { Socket } from 'node:net';
import { Output } from '../output.ts';

/** The most that one look at a pipe takes: what fills it as fast as it is read is not waited for. */
const LAST_READS = 64;

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
    this.#socket.on('data', (chunk) => this.#open && this.#output.add(chunk));
    this.#socket.on('error', () => {});
  }

  /**
   * What the command wrote, once it has ended. Processes that it left behind may hold the stream open: they can go on
   * writing until the pipe is full, and what they write is thrown away.
   */
  finish(): Output {
    const buffer = Buffer.alloc(65_536);
    if (!this.#socket.destroyed && !this.#socket.readableEnded)
      for (let i = 0; i < LAST_READS; i++) {
        const n = take(this.#fd, buffer);
        if (n === 0) break;
        this.#output.add(buffer.subarray(0, n));
      }
    this.#open = false;
    this.#socket.unref();
    return this.#output;
  }

  close(): void {
    this.#socket.destroy();
  }
}

function take(fd: number, buffer: Buffer): number {
  try {
    return readSync(fd, buffer);
  } catch {
    return 0;
  }
}
