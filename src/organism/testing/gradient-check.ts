import '../thread-pool.ts';

import { nn, numpy as np, type Array as Tensor, valueAndGrad } from '@jax-js/jax';
import { type DeviceParameters, forward, fromDevice, oneHot, readTensor, toDevice } from '../network.ts';
import type { Parameters, Shape } from '../parameters.ts';
import { type Batch, batchLoss, type NoDivergence, startNumerics } from '../trainer.ts';

/** A batch's loss and its gradient, once and uncompiled. The gradient check compares them with finite differences. */
export async function lossAndGradient(
  shape: Shape,
  rows: number,
  parameters: Parameters,
  batch: Batch,
  reference?: Parameters,
): Promise<{ loss: number; gradient: Parameters }> {
  await startNumerics();
  const context = batch.ids.length / rows;
  const integers = (values: Int32Array<ArrayBuffer>) =>
    np.array(values, { dtype: np.int32 }).reshape([rows, context]);
  const divergence =
    reference && batch.divergenceWeights
      ? {
          weights: np.array(batch.divergenceWeights),
          reference: nn.logSoftmax(forward(shape, rows, toDevice(shape, reference), integers(batch.ids)), -1),
        }
      : ({} as NoDivergence);
  const loss = (weights: DeviceParameters) =>
    batchLoss(
      shape,
      rows,
      weights,
      integers(batch.ids),
      integers(batch.targets),
      np.array(batch.weights),
      divergence,
    );
  const [value, gradient] = valueAndGrad(loss)(toDevice(shape, parameters)) as [Tensor, DeviceParameters];
  return { loss: (await readTensor(value))[0]!, gradient: await fromDevice(gradient) };
}

/** log p of every target, [rows·context], by the network that is trained. The sampler must agree with it. */
export async function targetLogProbabilities(
  shape: Shape,
  rows: number,
  parameters: Parameters,
  { ids, targets }: Pick<Batch, 'ids' | 'targets'>,
): Promise<Float32Array> {
  await startNumerics();
  const integers = (values: Int32Array<ArrayBuffer>) =>
    np.array(values, { dtype: np.int32 }).reshape([rows, -1]);
  const logits = forward(shape, rows, toDevice(shape, parameters), integers(ids));
  const chosen = np.sum(nn.logSoftmax(logits, -1).mul(oneHot(integers(targets), shape.vocabulary)), -1);
  return readTensor(chosen);
}
