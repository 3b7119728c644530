import {
  add,
  addF32,
  addF32x4,
  advance,
  againIf,
  constant,
  F32,
  get,
  I32,
  lane,
  load,
  loop,
  multiplyF32,
  multiplyF32x4,
  set,
  splat,
  store,
  storeF32,
  subtract,
  tee,
  V128,
  type WasmFunction,
  zero,
} from './wasm-encoding.ts';

/** Floats of a head must divide by this. */
export const HEAD_BLOCK = 4;

/**
 * How well a query fits each of the `count` ≥ 1 keys of its slot: out[t] = scale · query · key[t].
 *
 * @param query  byte offset of float32 [headBytes / 4]; `keys` of the first key, the next one `stride` bytes on; `out` of float32 [count]
 */
export type AttentionScores = (
  query: number,
  keys: number,
  out: number,
  count: number,
  headBytes: number,
  stride: number,
  scale: number,
) => void;

/**
 * The mean of `count` ≥ 1 values under the shares of attention: out = Σ share[t] · value[t].
 *
 * @param shares  byte offset of float32 [count]; `values` of the first value, the next one `stride` bytes on; `out` of float32 [headBytes / 4]
 */
export type AttentionMean = (
  shares: number,
  values: number,
  out: number,
  count: number,
  headBytes: number,
  stride: number,
) => void;

const scores = ((): WasmFunction => {
  const [QUERY, KEYS, OUT, COUNT, HEAD_BYTES, STRIDE, SCALE] = [0, 1, 2, 3, 4, 5, 6];
  const [AT, END, SUM] = [7, 8, 9];
  // KEYS moves along a key while AT moves along the query, and skips to the next key afterwards.
  const dot = loop([
    ...[...get(AT), ...load(0), ...get(KEYS), ...load(0), ...multiplyF32x4],
    ...[...get(SUM), ...addF32x4, ...set(SUM)],
    ...advance(KEYS, constant(16)),
    ...[...get(AT), ...constant(16), ...add, ...tee(AT), ...get(END), ...subtract, ...againIf],
  ]);
  return {
    name: 'scores',
    parameters: [I32, I32, I32, I32, I32, I32, F32],
    locals: [I32, I32, V128],
    body: [
      ...[...get(QUERY), ...get(HEAD_BYTES), ...add, ...set(END)],
      ...loop([
        ...[...zero, ...set(SUM), ...get(QUERY), ...set(AT)],
        ...dot,
        ...get(OUT),
        ...[...get(SUM), ...lane(0), ...get(SUM), ...lane(1), ...addF32],
        ...[...get(SUM), ...lane(2), ...get(SUM), ...lane(3), ...addF32],
        ...[...addF32, ...get(SCALE), ...multiplyF32, ...storeF32],
        ...advance(OUT, constant(4)),
        ...advance(KEYS, [...get(STRIDE), ...get(HEAD_BYTES), ...subtract]),
        ...[...get(COUNT), ...constant(-1), ...add, ...tee(COUNT), ...againIf],
      ]),
    ],
  };
})();

const mean = ((): WasmFunction => {
  const [SHARES, VALUES, OUT, COUNT, HEAD_BYTES, STRIDE] = [0, 1, 2, 3, 4, 5];
  const [SHARE_AT, VALUE_AT, LEFT, END, SUM] = [6, 7, 8, 9, 10];
  const overPositions = loop([
    ...[...get(SHARE_AT), ...splat, ...get(VALUE_AT), ...load(0), ...multiplyF32x4],
    ...[...get(SUM), ...addF32x4, ...set(SUM)],
    ...advance(SHARE_AT, constant(4)),
    ...advance(VALUE_AT, get(STRIDE)),
    ...[...get(LEFT), ...constant(-1), ...add, ...tee(LEFT), ...againIf],
  ]);
  return {
    name: 'mean',
    parameters: [I32, I32, I32, I32, I32, I32],
    locals: [I32, I32, I32, I32, V128],
    body: [
      ...[...get(OUT), ...get(HEAD_BYTES), ...add, ...set(END)],
      ...loop([
        ...[...zero, ...set(SUM), ...get(SHARES), ...set(SHARE_AT)],
        ...[...get(VALUES), ...set(VALUE_AT), ...get(COUNT), ...set(LEFT)],
        ...overPositions,
        ...[...get(OUT), ...get(SUM), ...store(0)],
        ...advance(VALUES, constant(16)),
        ...[...get(OUT), ...constant(16), ...add, ...tee(OUT), ...get(END), ...subtract, ...againIf],
      ]),
    ],
  };
})();

export const attentionFunctions: readonly WasmFunction[] = [scores, mean];
