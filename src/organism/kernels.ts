import { type AttentionMean, type AttentionScores, attentionFunctions } from './attention-kernel.ts';
import { type Matmul, matmulFunction } from './matmul-kernel.ts';
import { wasmModule } from './wasm-encoding.ts';

/**
 * What sampling computes most, as hand-assembled WebAssembly with SIMD. One decoding step of the organism is a dozen small
 * products and a hundred short sums, for which a jitted graph costs more to launch than to compute.
 */
export interface Kernels {
  readonly matmul: Matmul;
  readonly scores: AttentionScores;
  readonly mean: AttentionMean;
}

/** Compiles the kernels onto a memory. */
export async function kernelsOn(memory: WebAssembly.Memory): Promise<Kernels> {
  const module = wasmModule([matmulFunction, ...attentionFunctions]);
  const { instance } = await WebAssembly.instantiate(module, { env: { memory } });
  return instance.exports as unknown as Kernels;
}
