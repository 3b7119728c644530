/**
 * A matrix product for sampling, as a hand-assembled WebAssembly module with SIMD: C = A·B, or C += A·B. One decoding
 * step of the organism is a dozen small products, for which a jitted graph costs more to launch than to compute.
 */

/** Rows and columns that one turn of the inner loop holds in registers; M must divide by 4 and N by 8. */
const ROWS = 4;
const VECTORS = 2;
export const ROW_BLOCK = ROWS;
export const COLUMN_BLOCK = 4 * VECTORS;

/**
 * @param a    byte offset of A, float32 [M, K] row-major; `b` of B, [K, N]; `c` of C, [M, N]
 * @param add  1 to add to what C holds, 0 to overwrite it
 */
export type Matmul = (a: number, b: number, c: number, m: number, n: number, k: number, add: 0 | 1) => void;

/** Compiles the kernel onto a memory. Products are rounded before they are added, as the trainer's are. */
export async function matmulOn(memory: WebAssembly.Memory): Promise<Matmul> {
  const { instance } = await WebAssembly.instantiate(assemble(), { env: { memory } });
  return instance.exports.matmul as Matmul;
}

// WebAssembly's own encoding, as far as it is used: https://webassembly.github.io/spec/core/binary
const I32 = 0x7f;
const V128 = 0x7b;

const unsigned = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
};
const signed = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0);
    bytes.push(done ? byte : byte | 0x80);
    if (done) return bytes;
  }
};
const vector = (items: readonly (readonly number[])[]): number[] => [
  ...unsigned(items.length),
  ...items.flat(),
];
const section = (id: number, body: readonly number[]): number[] => [id, ...unsigned(body.length), ...body];
const name = (text: string): number[] => vector([...text].map((character) => [character.charCodeAt(0)]));

const get = (local: number): number[] => [0x20, ...unsigned(local)];
const set = (local: number): number[] => [0x21, ...unsigned(local)];
const tee = (local: number): number[] => [0x22, ...unsigned(local)];
const constant = (value: number): number[] => [0x41, ...signed(value)];
const add = [0x6a];
const multiply = [0x6c];
const shiftLeft = [0x74];
const lessThan = [0x49];
const loop = (body: readonly number[]): number[] => [0x03, 0x40, ...body, 0x0b];
const when = (body: readonly number[]): number[] => [0x04, 0x40, ...body, 0x0b];
const againIf = [0x0d, 0x00];
const simd = (operation: number): number[] => [0xfd, ...unsigned(operation)];
const load = (offset: number): number[] => [...simd(0x00), 0x02, ...unsigned(offset)];
const splat = [...simd(0x09), 0x02, 0x00];
const store = (offset: number): number[] => [...simd(0x0b), 0x02, ...unsigned(offset)];
const zero = [...simd(0x0c), ...Array<number>(16).fill(0)];
const addF32x4 = simd(0xe4);
const multiplyF32x4 = simd(0xe6);

// The function's parameters, then its locals.
const [A, B, C, M, N, K, ADD] = [0, 1, 2, 3, 4, 5, 6];
const [I, J, LEFT, B_AT, C_AT, B_STEP, A_STEP] = [7, 8, 9, 10, 11, 12, 13];
const rowOfA = (row: number): number => 14 + row;
const sum = (row: number, column: number): number => 14 + ROWS + row * VECTORS + column;
const slice = (column: number): number => 14 + ROWS + ROWS * VECTORS + column;
const FACTOR = 14 + ROWS + ROWS * VECTORS + VECTORS;

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const tile = (make: (row: number, column: number) => number[]): number[] =>
  range(ROWS).flatMap((row) => range(VECTORS).flatMap((column) => make(row, column)));

function assemble(): Uint8Array<ArrayBuffer> {
  const addressOfC = (row: number) => [...get(C_AT), ...get(B_STEP), ...constant(row), ...multiply, ...add];
  const innermost = loop([
    ...range(VECTORS).flatMap((column) => [...get(B_AT), ...load(16 * column), ...set(slice(column))]),
    ...range(ROWS).flatMap((row) => [
      ...[...get(rowOfA(row)), ...splat, ...set(FACTOR)],
      ...[...get(rowOfA(row)), ...constant(4), ...add, ...set(rowOfA(row))],
      ...range(VECTORS).flatMap((column) => [
        ...[...get(FACTOR), ...get(slice(column)), ...multiplyF32x4],
        ...[...get(sum(row, column)), ...addF32x4, ...set(sum(row, column))],
      ]),
    ]),
    ...[...get(B_AT), ...get(B_STEP), ...add, ...set(B_AT)],
    ...[...get(LEFT), ...constant(-1), ...add, ...tee(LEFT), ...againIf],
  ]);
  const block = loop([
    // C_AT = C + (I·N + J)·4, B_AT = B + J·4, and each row of A from its start
    ...[...get(I), ...get(B_STEP), ...multiply, ...get(J), ...constant(2), ...shiftLeft, ...add],
    ...[...get(C), ...add, ...set(C_AT)],
    ...[...get(J), ...constant(2), ...shiftLeft, ...get(B), ...add, ...set(B_AT)],
    ...range(ROWS).flatMap((row) => [
      ...[...get(I), ...constant(row), ...add, ...get(A_STEP), ...multiply],
      ...[...get(A), ...add, ...set(rowOfA(row))],
    ]),
    ...tile((row, column) => [...zero, ...set(sum(row, column))]),
    ...get(ADD),
    ...when(tile((row, column) => [...addressOfC(row), ...load(16 * column), ...set(sum(row, column))])),
    ...[...get(K), ...set(LEFT)],
    ...innermost,
    ...tile((row, column) => [...addressOfC(row), ...get(sum(row, column)), ...store(16 * column)]),
    ...[...get(J), ...constant(COLUMN_BLOCK), ...add, ...tee(J), ...get(N), ...lessThan, ...againIf],
  ]);
  const body = [
    ...[...get(N), ...constant(2), ...shiftLeft, ...set(B_STEP)],
    ...[...get(K), ...constant(2), ...shiftLeft, ...set(A_STEP)],
    ...loop([
      ...[...constant(0), ...set(J)],
      ...block,
      ...[...get(I), ...constant(ROWS), ...add, ...tee(I), ...get(M), ...lessThan, ...againIf],
    ]),
    0x0b,
  ];
  const locals = vector([
    [...unsigned(7 + ROWS), I32],
    [...unsigned(ROWS * VECTORS + VECTORS + 1), V128],
  ]);
  const code = [...locals, ...body];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector([[0x60, ...vector(range(7).map(() => [I32])), ...vector([])]])),
    ...section(2, vector([[...name('env'), ...name('memory'), 0x02, 0x00, ...unsigned(1)]])),
    ...section(3, vector([[0]])),
    ...section(7, vector([[...name('matmul'), 0x00, 0x00]])),
    ...section(10, vector([[...unsigned(code.length), ...code]])),
  ]);
}
