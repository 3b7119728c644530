/** One stream of a command: keeps its first bytes and counts the rest. */
export class Output {
  readonly #limit: number;
  readonly #chunks: Buffer[] = [];
  #kept = 0;
  #dropped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Copies what it keeps, so that a buffer may be used again. */
  add(chunk: Buffer): void {
    const room = this.#limit - this.#kept;
    if (room > 0) this.#chunks.push(Buffer.from(chunk.subarray(0, room)));
    this.#kept += Math.min(room, chunk.length);
    this.#dropped += Math.max(0, chunk.length - room);
  }

  get dropped(): number {
    return this.#dropped;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}
