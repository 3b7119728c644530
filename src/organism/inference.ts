import { HEAD_BLOCK } from './attention-kernel.ts';
import { type Kernels, kernelsOn } from './kernels.ts';
import { COLUMN_BLOCK, ROW_BLOCK } from './matmul-kernel.ts';
import { type Parameters, type Shape, sizeOf, tensorShapes } from './parameters.ts';

/** The most sequences that have a cache at once, and the most rows that one pass through the layers takes. */
export const SLOTS = 192;
export const ROWS = 2048;

/** A row on its way through the layers: which cache slot it belongs to, its position there, its token and the one before. */
export interface InferenceRow {
  readonly slot: number;
  readonly position: number;
  readonly token: number;
  readonly before: number | null;
}

/** Byte offsets of everything in the wasm memory: weights, activations, and a cache of keys and values a slot. */
type ParameterLayout = ReturnType<typeof layoutOf>;

function layoutOf(shape: Shape) {
  let end = 1024;
  const place = (floats: number): number => {
    const at = end;
    end = (end + 4 * floats + 63) & ~63;
    return at;
  };
  const { width, vocabulary, layers, context } = shape;
  const weights: Readonly<Record<string, number>> = Object.fromEntries(
    Object.entries(tensorShapes(shape)).map(([name, dimensions]) => [name, place(sizeOf(dimensions))]),
  );
  const cache = () => Array.from({ length: layers }, () => place(SLOTS * context * width));
  const rows = () => place(ROWS * width);
  const parts = {
    weights,
    unembedding: place(width * vocabulary),
    x: rows(),
    normed: rows(),
    query: rows(),
    key: rows(),
    value: rows(),
    attended: rows(),
    hidden: place(ROWS * 4 * width),
    shares: place(context),
    last: place((SLOTS + ROW_BLOCK) * width),
    logits: place((SLOTS + ROW_BLOCK) * vocabulary),
    keys: cache(),
    values: cache(),
  };
  return { ...parts, bytes: end };
}

/** The network's forward pass over a key–value cache, a few rows of many sequences at a time. */
export class Inference {
  readonly #shape: Shape;
  readonly #layout: ParameterLayout;
  readonly #floats: Float32Array;
  readonly #kernels: Kernels;

  private constructor(shape: Shape, layout: ParameterLayout, memory: WebAssembly.Memory, kernels: Kernels) {
    this.#shape = shape;
    this.#layout = layout;
    this.#floats = new Float32Array(memory.buffer);
    this.#kernels = kernels;
  }

  /** @throws RangeError when a size does not divide into the kernels' blocks */
  static async start(shape: Shape, parameters: Parameters): Promise<Inference> {
    const { width, vocabulary, heads } = shape;
    if (width % COLUMN_BLOCK !== 0 || vocabulary % COLUMN_BLOCK !== 0) {
      throw new RangeError(`Inference: width and vocabulary must divide by ${COLUMN_BLOCK}`);
    }
    if ((width / heads) % HEAD_BLOCK !== 0) {
      throw new RangeError(`Inference: the width of a head must divide by ${HEAD_BLOCK}`);
    }
    const layout = layoutOf(shape);
    const memory = new WebAssembly.Memory({ initial: Math.ceil(layout.bytes / 65536) + 1 });
    const inference = new Inference(shape, layout, memory, await kernelsOn(memory));
    inference.load(parameters);
    return inference;
  }

  get shape(): Shape {
    return this.#shape;
  }

  /** Takes other weights of the same shape. */
  load(parameters: Parameters): void {
    const { width, vocabulary } = this.#shape;
    for (const [name, at] of Object.entries(this.#layout.weights))
      this.#floats.set(parameters[name] as Float32Array, at >> 2);
    const embedding = parameters.embedding as Float32Array;
    const out = this.#layout.unembedding >> 2;
    for (let v = 0; v < vocabulary; v++) {
      for (let d = 0; d < width; d++)
        this.#floats[out + d * vocabulary + v] = embedding[v * width + d] as number;
    }
  }

  /**
   * Puts the rows through all layers, their keys and values into their slots' caches, and computes the logits of some.
   *
   * @param rows  at most `ROWS`, those of a slot in order of their positions
   * @param wanted  which of the rows, at most `SLOTS`; `logits(i)` are those of the i-th of them
   */
  forward(rows: readonly InferenceRow[], wanted: readonly number[]): void {
    const { width, layers } = this.#shape;
    const { weights, x, normed, query, key, value, attended, hidden } = this.#layout;
    const padded = Math.ceil(rows.length / ROW_BLOCK) * ROW_BLOCK;
    const product = (a: number, name: string, c: number, n: number, k: number, add: 0 | 1 = 0) =>
      this.#kernels.matmul(a, weights[name] as number, c, padded, n, k, add);
    this.#embed(rows);
    for (let layer = 0; layer < layers; layer++) {
      this.#norm(x, normed, rows.length, weights[`${layer}.attentionNorm`] as number);
      product(normed, `${layer}.query`, query, width, width);
      product(normed, `${layer}.key`, key, width, width);
      product(normed, `${layer}.value`, value, width, width);
      this.#attend(rows, layer);
      product(attended, `${layer}.output`, x, width, width, 1);
      this.#norm(x, normed, rows.length, weights[`${layer}.feedForwardNorm`] as number);
      product(normed, `${layer}.up`, hidden, 4 * width, width);
      this.#squaredRelu(hidden, rows.length * 4 * width);
      product(hidden, `${layer}.down`, x, width, 4 * width, 1);
    }
    this.#unembed(wanted);
  }

  /** Of the last pass, float32 [vocabulary]: a view that the next pass overwrites. */
  logits(index: number): Float32Array {
    const { vocabulary } = this.#shape;
    const at = (this.#layout.logits >> 2) + index * vocabulary;
    return this.#floats.subarray(at, at + vocabulary);
  }

  #embed(rows: readonly InferenceRow[]): void {
    const floats = this.#floats;
    const { width } = this.#shape;
    const { weights, x } = this.#layout;
    const [embedding, position, smear] = [weights.embedding, weights.position, weights.smear].map(
      (at) => (at as number) >> 2,
    ) as [number, number, number];
    for (const [i, row] of rows.entries()) {
      const out = (x >> 2) + i * width;
      const own = embedding + row.token * width;
      const place = position + row.position * width;
      for (let d = 0; d < width; d++) floats[out + d] = floats[own + d]! + floats[place + d]!;
      if (row.before === null) continue;
      const before = embedding + row.before * width;
      for (let d = 0; d < width; d++) floats[out + d]! += floats[smear + d]! * floats[before + d]!;
    }
  }

  #norm(from: number, to: number, rows: number, gain: number): void {
    const floats = this.#floats;
    const { width } = this.#shape;
    for (let i = 0; i < rows; i++) {
      const a = (from >> 2) + i * width;
      const b = (to >> 2) + i * width;
      const g = gain >> 2;
      let sum = 0;
      for (let d = 0; d < width; d++) sum += floats[a + d]! * floats[a + d]!;
      const scale = 1 / Math.sqrt(sum / width + 1e-5);
      for (let d = 0; d < width; d++) floats[b + d] = floats[a + d]! * scale * floats[g + d]!;
    }
  }

  /** Puts keys and values into the caches, then lets every row look back over its own slot. */
  #attend(rows: readonly InferenceRow[], layer: number): void {
    const floats = this.#floats;
    const { width, heads, context } = this.#shape;
    const { key, value, query, attended, shares } = this.#layout;
    const keys = this.#layout.keys[layer]!;
    const values = this.#layout.values[layer]!;
    for (const [i, row] of rows.entries()) {
      const at = (row.slot * context + row.position) * width;
      const from = i * width;
      floats.copyWithin((keys >> 2) + at, (key >> 2) + from, (key >> 2) + from + width);
      floats.copyWithin((values >> 2) + at, (value >> 2) + from, (value >> 2) + from + width);
    }
    const headBytes = (4 * width) / heads;
    const stride = 4 * width;
    const scale = 1 / Math.sqrt(width / heads);
    for (const [i, { slot, position }] of rows.entries()) {
      const cache = slot * context * stride;
      for (let head = 0; head < heads; head++) {
        const shift = head * headBytes;
        const here = i * stride + shift;
        const there = cache + shift;
        this.#kernels.scores(query + here, keys + there, shares, position + 1, headBytes, stride, scale);
        this.#softmax(shares, position + 1);
        this.#kernels.mean(shares, values + there, attended + here, position + 1, headBytes, stride);
      }
    }
  }

  #softmax(at: number, n: number): void {
    const floats = this.#floats;
    const start = at >> 2;
    const end = start + n;
    let highest = Number.NEGATIVE_INFINITY;
    for (let i = start; i < end; i++) highest = Math.max(highest, floats[i]!);
    let total = 0;
    for (let i = start; i < end; i++) {
      const weight = Math.exp(floats[i]! - highest);
      floats[i] = weight;
      total += weight;
    }
    for (let i = start; i < end; i++) floats[i]! /= total;
  }

  #squaredRelu(at: number, n: number): void {
    const floats = this.#floats;
    for (let i = at >> 2; i < (at >> 2) + n; i++) {
      const value = floats[i]!;
      floats[i] = value > 0 ? value * value : 0;
    }
  }

  #unembed(rows: readonly number[]): void {
    const { width, vocabulary } = this.#shape;
    const { x, last, weights, unembedding, logits } = this.#layout;
    for (const [i, row] of rows.entries()) {
      const from = (x >> 2) + row * width;
      this.#floats.copyWithin((last >> 2) + i * width, from, from + width);
    }
    this.#norm(last, last, rows.length, weights.finalNorm as number);
    const padded = Math.ceil(rows.length / ROW_BLOCK) * ROW_BLOCK;
    this.#kernels.matmul(last, unembedding, logits, padded, vocabulary, width, 0);
  }
}
