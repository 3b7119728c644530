import {
  add,
  addF32x4,
  advance,
  againIf,
  type Code,
  constant,
  get,
  I32,
  lessThan,
  load,
  loop,
  multiply,
  multiplyF32x4,
  set,
  shiftLeft,
  splat,
  store,
  tee,
  V128,
  type WasmFunction,
  when,
  zero,
} from './wasm-encoding.ts';

/** Rows and columns that one turn of the inner loop holds in registers; M must divide by 4 and N by 8. */
const ROWS = 4;
const VECTORS = 2;
export const ROW_BLOCK = ROWS;
export const COLUMN_BLOCK = 4 * VECTORS;

/**
 * C = A·B, or C += A·B. Products are rounded before they are added, as the trainer's are.
 *
 * @param a    byte offset of A, float32 [M, K] row-major; `b` of B, [K, N]; `c` of C, [M, N]
 * @param add  1 to add to what C holds, 0 to overwrite it
 */
export type Matmul = (a: number, b: number, c: number, m: number, n: number, k: number, add: 0 | 1) => void;

// The function's parameters, then its locals.
const [A, B, C, M, N, K, ADD] = [0, 1, 2, 3, 4, 5, 6];
const [I, J, LEFT, B_AT, C_AT, B_STEP, A_STEP] = [7, 8, 9, 10, 11, 12, 13];
const rowOfA = (row: number): number => 14 + row;
const sum = (row: number, column: number): number => 14 + ROWS + row * VECTORS + column;
const slice = (column: number): number => 14 + ROWS + ROWS * VECTORS + column;
const FACTOR = 14 + ROWS + ROWS * VECTORS + VECTORS;

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const tile = (make: (row: number, column: number) => Code): Code =>
  range(ROWS).flatMap((row) => range(VECTORS).flatMap((column) => make(row, column)));

const addressOfC = (row: number): Code => [
  ...get(C_AT),
  ...get(B_STEP),
  ...constant(row),
  ...multiply,
  ...add,
];

const innermost = loop([
  ...range(VECTORS).flatMap((column) => [...get(B_AT), ...load(16 * column), ...set(slice(column))]),
  ...range(ROWS).flatMap((row) => [
    ...[...get(rowOfA(row)), ...splat, ...set(FACTOR)],
    ...advance(rowOfA(row), constant(4)),
    ...range(VECTORS).flatMap((column) => [
      ...[...get(FACTOR), ...get(slice(column)), ...multiplyF32x4],
      ...[...get(sum(row, column)), ...addF32x4, ...set(sum(row, column))],
    ]),
  ]),
  ...advance(B_AT, get(B_STEP)),
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

export const matmulFunction: WasmFunction = {
  name: 'matmul',
  parameters: range(7).map(() => I32),
  locals: [
    ...range(7 + ROWS).map((): typeof I32 => I32),
    ...range(ROWS * VECTORS + VECTORS + 1).map((): typeof V128 => V128),
  ],
  body: [
    ...[...get(N), ...constant(2), ...shiftLeft, ...set(B_STEP)],
    ...[...get(K), ...constant(2), ...shiftLeft, ...set(A_STEP)],
    ...loop([
      ...[...constant(0), ...set(J)],
      ...block,
      ...[...get(I), ...constant(ROWS), ...add, ...tee(I), ...get(M), ...lessThan, ...againIf],
    ]),
  ],
};
