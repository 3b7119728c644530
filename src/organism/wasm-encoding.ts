/*
 * WebAssembly's binary encoding, as far as the sampler's kernels use it.
 * https://webassembly.github.io/spec/core/binary
 */

export const I32 = 0x7f;
export const F32 = 0x7d;
export const V128 = 0x7b;
type ValueType = typeof I32 | typeof F32 | typeof V128;

/** Instructions, encoded. */
export type Code = readonly number[];

/** A function of a module: it returns nothing, and is exported by its name. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  /** Numbered on from the parameters. */
  readonly locals: readonly ValueType[];
  readonly body: Code;
}

/** A module of these functions over the memory that it is given as `env.memory`. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [
    0x60,
    ...vector(parameters.map((type) => [type])),
    ...vector([]),
  ]);
  const bodies = functions.map(({ locals, body }) => {
    const code = [...vector(locals.map((type) => [...unsigned(1), type])), ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types)),
    ...section(2, vector([[...text('env'), ...text('memory'), 0x02, 0x00, ...unsigned(1)]])),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(7, vector(functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]))),
    ...section(10, vector(bodies)),
  ]);
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0);
    bytes.push(done ? byte : byte | 0x80);
    if (done) return bytes;
  }
}

function vector(items: readonly Code[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function section(id: number, body: Code): number[] {
  return [id, ...unsigned(body.length), ...body];
}

function text(characters: string): number[] {
  return vector([...characters].map((character) => [character.charCodeAt(0)]));
}

const simd = (operation: number): Code => [0xfd, ...unsigned(operation)];

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number): Code => [0x21, ...unsigned(local)];
export const tee = (local: number): Code => [0x22, ...unsigned(local)];

export const constant = (value: number): Code => [0x41, ...signed(value)];
export const add: Code = [0x6a];
export const subtract: Code = [0x6b];
export const multiply: Code = [0x6c];
export const shiftLeft: Code = [0x74];
/** Of unsigned numbers. */
export const lessThan: Code = [0x49];

export const addF32: Code = [0x92];
export const multiplyF32: Code = [0x94];
export const storeF32: Code = [0x38, 0x02, 0x00];

/** Four floats from the address on top of the stack and `offset` bytes on; `splat` one float four times. */
export const load = (offset: number): Code => [...simd(0x00), 0x02, ...unsigned(offset)];
export const splat: Code = [...simd(0x09), 0x02, 0x00];
export const store = (offset: number): Code => [...simd(0x0b), 0x02, ...unsigned(offset)];
export const zero: Code = [...simd(0x0c), ...Array<number>(16).fill(0)];
export const lane = (index: number): Code => [...simd(0x1f), index];
export const addF32x4: Code = simd(0xe4);
export const multiplyF32x4: Code = simd(0xe6);

export const when = (body: Code): Code => [0x04, 0x40, ...body, 0x0b];
/** Goes round again when `againIf` finds a number other than 0. */
export const loop = (body: Code): Code => [0x03, 0x40, ...body, 0x0b];
export const againIf: Code = [0x0d, 0x00];

/** `local += bytes`, or by what another local holds. */
export const advance = (local: number, by: Code): Code => [...get(local), ...by, ...add, ...set(local)];
