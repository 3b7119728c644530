import { Output } from '../output.ts';

/** How a command ended: by itself, or by the signal whose number is its code less 128. */
export interface CommandEnding {
  readonly how: 'exit' | 'signal';
  readonly code: number;
}

/**
 * A stream of a command, from which the marks of `begin.sh` are taken out: one before the first byte of the command's own,
 * one behind its last, with its exit code.
 */
export class MarkedStream {
  readonly #output: Output;
  readonly #begin: Buffer;
  readonly #end: Buffer;
  #held: Buffer = Buffer.alloc(0);
  #begun = false;
  #ending: CommandEnding | undefined;
  readonly #over = Promise.withResolvers<void>();
  /** Settles when the end has come, and everything before it. */
  readonly ended = this.#over.promise;

  constructor(mark: string, limit: number) {
    this.#output = new Output(limit);
    this.#begin = Buffer.from(`${mark} begin\n`);
    this.#end = Buffer.from(`\n${mark} end `);
  }

  /** The command began: what went wrong before that is not its doing. */
  get begun(): boolean {
    return this.#begun;
  }

  /** `undefined` where the end was not marked: what runs the command was killed. */
  get ending(): CommandEnding | undefined {
    return this.#ending;
  }

  /** What was said before the beginning: the client's or the daemon's own words. */
  get before(): string {
    return this.#begun ? '' : this.#held.toString('utf8').trim();
  }

  add(chunk: Buffer): void {
    if (this.#ending !== undefined) return;
    this.#held = Buffer.concat([this.#held, chunk]);
    if (!this.#begun) {
      const at = this.#held.indexOf(this.#begin);
      if (at < 0) return;
      this.#begun = true;
      this.#held = this.#held.subarray(at + this.#begin.length);
    }
    const at = this.#held.indexOf(this.#end);
    if (at < 0) {
      this.#release(this.#end.length);
      return;
    }
    const said = /^(exit|signal) (\d+)\n/.exec(this.#held.subarray(at + this.#end.length).toString('latin1'));
    if (said === null) return;
    this.#output.add(this.#held.subarray(0, at));
    this.#ending = { how: said[1] as CommandEnding['how'], code: Number(said[2]) };
    this.#over.resolve();
  }

  /** Everything kept. */
  finish(): Output {
    if (this.#begun && this.#ending === undefined) this.#release(0);
    return this.#output;
  }

  /** Lets go of what can't be the beginning of the mark any more. */
  #release(keep: number): void {
    const free = Math.max(0, this.#held.length - keep);
    this.#output.add(this.#held.subarray(0, free));
    this.#held = this.#held.subarray(free);
  }
}
