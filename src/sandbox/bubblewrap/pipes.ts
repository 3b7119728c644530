import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const { O_RDONLY, O_WRONLY, O_RDWR, O_NONBLOCK } = constants;

/** Two ends of one pipe, as file descriptors; `ours` does not block. */
export interface Pipe {
  readonly ours: number;
  readonly theirs: number;
}

/**
 * Real pipes for children. Node gives them sockets, which programs notice: on one, `echo > /dev/stdout` and
 * `tee /dev/stderr` fail. Node can't make a pipe, but it can open a named one, which is made by the dozen and has
 * no name any more once it is open.
 */
export class Pipes {
  static readonly #BATCH = 32;
  readonly #folder: string;
  #names: string[] = [];
  #making: Promise<void> | undefined;
  #made = 0;

  /** @param folder where the names are for a moment; only its owner may enter it */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A pipe that we write to and the child reads. */
  async toChild(): Promise<Pipe> {
    const [theirs, ours] = await this.#open(O_RDONLY, O_WRONLY | O_NONBLOCK);
    return { ours, theirs };
  }

  /** A pipe that the child writes to and we read. */
  async fromChild(): Promise<Pipe> {
    const [ours, theirs] = await this.#open(O_RDONLY | O_NONBLOCK, O_WRONLY);
    return { ours, theirs };
  }

  async #open(reading: number, writing: number): Promise<[number, number]> {
    while (this.#names.length === 0) {
      this.#making ??= this.#make();
      await this.#making;
    }
    const name = this.#names.pop()!;
    // Opened for both first, which never waits: then neither end waits for the other.
    const both = openSync(name, O_RDWR);
    try {
      const read = openSync(name, reading);
      return [read, openSync(name, writing)];
    } finally {
      closeSync(both);
      unlinkSync(name);
    }
  }

  async #make(): Promise<void> {
    const names = Array.from({ length: Pipes.#BATCH }, () => join(this.#folder, `pipe-${this.#made++}`));
    try {
      // The inside's user opens its standard streams again by name, through /proc/self/fd.
      await promisify(execFile)('mkfifo', ['-m', '666', ...names]);
      this.#names.push(...names);
    } finally {
      this.#making = undefined;
    }
  }
}
