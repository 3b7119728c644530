import './thread-pool.ts';

import { nn, numpy as np, type Array as Tensor } from '@jax-js/jax';
import { keepAliveDuring } from './keep-alive.ts';
import { type Parameters, type Shape, tensorShapes } from './parameters.ts';

/** Weights on the device. jax-js arrays are owned: each use consumes one, `.ref` keeps it for another. */
export type DeviceParameters = Record<string, Tensor>;

export function toDevice(shape: Shape, parameters: Parameters): DeviceParameters {
  return mapTensors(shape, (name, dimensions) =>
    np.array((parameters[name] as Float32Array).slice()).reshape([...dimensions]),
  );
}

/** The numbers of a tensor, which is consumed: this is where the workers' results are waited for. */
export async function readTensor(tensor: Tensor): Promise<Float32Array<ArrayBuffer>> {
  return new Float32Array(await keepAliveDuring(() => tensor.data()));
}

/** Reads the weights back; they stay on the device. */
export async function fromDevice(parameters: DeviceParameters): Promise<Parameters> {
  const host: Parameters = {};
  for (const [name, tensor] of Object.entries(parameters)) host[name] = await readTensor(tensor.ref);
  return host;
}

export function mapTensors(
  shape: Shape,
  make: (name: string, dimensions: readonly number[]) => Tensor,
): DeviceParameters {
  return Object.fromEntries(
    Object.entries(tensorShapes(shape)).map(([name, dimensions]) => [name, make(name, dimensions)]),
  );
}

/** x / RMS(x) · gain, over the last axis. */
function rmsNorm(x: Tensor, gain: Tensor): Tensor {
  const meanSquare = np.mean(np.square(x.ref), -1, { keepdims: true });
  return x.mul(np.reciprocal(np.sqrt(meanSquare.add(1e-5)))).mul(gain);
}

/** Rows of ones at the ids: a product with it looks them up, and has a gradient that `take` under jit lacks. */
export function oneHot(ids: Tensor, size: number): Tensor {
  const n = ids.shape.reduce((product, length) => product * length, 1);
  const classes = np.arange(size).astype(np.int32).reshape([1, size]);
  return np.equal(ids.reshape([n, 1]), classes).astype(np.float32);
}

/**
 * Logits of a decoder-only transformer: embeddings and positions, a mix of each token with the one before it, then
 * causal attention and a squared-ReLU feed-forward in every layer, both behind RMSNorm, and the embedding transposed.
 *
 * @param parameters consumed
 * @param ids        int32 [batch, context], consumed
 * @returns          float32 [batch·context, vocabulary]
 */
export function forward(shape: Shape, batch: number, parameters: DeviceParameters, ids: Tensor): Tensor {
  const { vocabulary, width, layers, heads } = shape;
  const time = ids.shape[1] as number;
  const rows = batch * time;
  const weight = (name: string): Tensor => parameters[name] as Tensor;
  const split = (x: Tensor) => x.reshape([batch, time, heads, width / heads]);

  const tokens = np.matmul(oneHot(ids, vocabulary), weight('embedding').ref).reshape([batch, time, width]);
  const before = np.concatenate([np.zeros([batch, 1, width]), tokens.ref.slice([], [0, time - 1])], 1);
  let x = tokens.add(before.mul(weight('smear')));
  x = x.add(time === shape.context ? weight('position') : weight('position').slice([0, time]));
  for (let layer = 0; layer < layers; layer++) {
    const here = (name: string) => weight(`${layer}.${name}`);
    const a = rmsNorm(x.ref, here('attentionNorm')).reshape([rows, width]);
    const query = np.matmul(a.ref, here('query'));
    const key = np.matmul(a.ref, here('key'));
    const value = np.matmul(a, here('value'));
    const attended = nn.dotProductAttention(split(query), split(key), split(value), { isCausal: true });
    x = x.add(np.matmul(attended.reshape([rows, width]), here('output')).reshape([batch, time, width]));
    const b = rmsNorm(x.ref, here('feedForwardNorm')).reshape([rows, width]);
    const hidden = np.square(nn.relu(np.matmul(b, here('up'))));
    x = x.add(np.matmul(hidden, here('down')).reshape([batch, time, width]));
  }
  const normed = rmsNorm(x, weight('finalNorm')).reshape([rows, width]);
  return np.matmul(normed, np.transpose(weight('embedding')));
}
