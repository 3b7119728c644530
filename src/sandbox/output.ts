/** One stream of a command: keeps its first bytes and counts the rest. */
export class Output {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #kept = 0;
  #dropped = 0;
  #ended = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Copies what it keeps, so that a buffer may be used again. */
  add(chunk: Buffer): void {
    if (this.#ended) return;
    const room = this.#limit - this.#kept;
    if (room > 0) this.#chunks.push(Buffer.from(chunk.subarray(0, room)));
    this.#kept += Math.min(room, chunk.length);
    this.#dropped += Math.max(0, chunk.length - room);
  }

  get dropped(): number {
    return this.#dropped;
  }

  get bytes(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  /** From here on nothing is kept or counted. */
  end(): this {
    this.#ended = true;
    return this;
  }
}
