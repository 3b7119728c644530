import './thread-pool.ts';

import {
  defaultDevice,
  init,
  jit,
  nn,
  numpy as np,
  type Array as Tensor,
  tree,
  valueAndGrad,
} from '@jax-js/jax';
import { keepAliveDuring } from './keep-alive.ts';
import {
  type DeviceParameters,
  forward,
  fromDevice,
  mapTensors,
  oneHot,
  readTensor,
  toDevice,
} from './network.ts';
import type { Parameters, Shape } from './parameters.ts';

let ready: Promise<void> | null = null;

/** Starts jax-js on its wasm backend, once. */
export function startNumerics(): Promise<void> {
  ready ??= (async () => {
    await keepAliveDuring(() => init('wasm'));
    defaultDevice('wasm');
  })();
  return ready;
}

/** One batch of token rows, each `context` long, row-major. */
export interface Batch {
  readonly ids: Int32Array<ArrayBuffer>;
  /** The token after each. */
  readonly targets: Int32Array<ArrayBuffer>;
  /** What log p(target) counts for: 1/n on the n tokens of an SFT loss, advantage/n on those of a policy loss, else 0. */
  readonly weights: Float32Array<ArrayBuffer>;
  /** What the divergence from the reference counts for, a token each; only with `reference`. */
  readonly divergenceWeights?: Float32Array<ArrayBuffer>;
}

export interface TrainerOptions {
  /** Rows a batch. Few fixed numbers: every new shape compiles again. */
  readonly batch: number;
  readonly context: number;
  readonly weightDecay: number;
  /** Gradients longer than this are scaled down to it. */
  readonly clip: number;
  /** The checkpoint that the policy is held near, by the full-distribution KL(policy ‖ reference). */
  readonly reference?: Parameters;
}

/** Weights, the two moments of AdamW, and how many steps were taken. */
export interface TrainerState {
  readonly parameters: Parameters;
  readonly first: Parameters;
  readonly second: Parameters;
  readonly steps: number;
}

export interface StepResult {
  readonly loss: number;
  readonly gradientNorm: number;
}

/** A token's weight and the reference's log-probabilities, [batch·context, vocabulary]. */
interface Divergence {
  readonly weights: Tensor;
  readonly reference: Tensor;
}
/** jit takes trees of arrays and no null: nothing is an empty tree. */
export type NoDivergence = Record<string, never>;

/** Loss, gradient and new state of one batch, compiled once. */
type Update = (
  parameters: DeviceParameters,
  first: DeviceParameters,
  second: DeviceParameters,
  ids: Tensor,
  targets: Tensor,
  weights: Tensor,
  divergence: Divergence | NoDivergence,
  schedule: { rate: Tensor; correction1: Tensor; correction2: Tensor },
) => [DeviceParameters, DeviceParameters, DeviceParameters, Tensor, Tensor];
type ReferenceRows = (parameters: DeviceParameters, ids: Tensor) => Tensor;

const BETA1 = 0.9;
const BETA2 = 0.98;
const EPSILON = 1e-8;

/**
 * The loss of one batch: −Σ weight·log p(target), plus Σ divergenceWeight·KL(p ‖ reference) where there is one.
 * SFT, pretraining and the policy gradient are this same loss with other weights.
 *
 * All arrays are consumed.
 */
export function batchLoss(
  shape: Shape,
  batch: number,
  parameters: DeviceParameters,
  ids: Tensor,
  targets: Tensor,
  weights: Tensor,
  divergence: Divergence | NoDivergence,
): Tensor {
  const logProbabilities = nn.logSoftmax(forward(shape, batch, parameters, ids), -1);
  const kept = 'weights' in divergence ? logProbabilities.ref : logProbabilities;
  const chosen = np.sum(kept.mul(oneHot(targets, shape.vocabulary)), -1);
  const fit = np.sum(chosen.mul(weights.reshape([-1])));
  if (!('weights' in divergence)) return fit.mul(-1);
  const ratio = logProbabilities.ref.sub(divergence.reference);
  const rows = np.sum(np.exp(logProbabilities).mul(ratio), -1);
  return np.sum(rows.mul(divergence.weights.reshape([-1]))).sub(fit);
}

/** AdamW on one network: decoupled weight decay on matrices, bias correction, clipping by the global norm. */
export class Trainer {
  readonly #shape: Shape;
  readonly #options: TrainerOptions;
  #parameters: DeviceParameters;
  #first: DeviceParameters;
  #second: DeviceParameters;
  readonly #reference: DeviceParameters | null;
  #steps = 0;
  readonly #update: Update;
  readonly #referenceRows: ReferenceRows;

  private constructor(shape: Shape, parameters: Parameters, options: TrainerOptions) {
    this.#shape = shape;
    this.#options = options;
    this.#parameters = toDevice(shape, parameters);
    this.#first = mapTensors(shape, (_, dimensions) => np.zeros([...dimensions]));
    this.#second = mapTensors(shape, (_, dimensions) => np.zeros([...dimensions]));
    this.#reference = options.reference ? toDevice(shape, options.reference) : null;
    this.#update = jit(this.#compileUpdate() as never) as unknown as Update;
    this.#referenceRows = jit((weights: DeviceParameters, ids: Tensor) =>
      nn.logSoftmax(forward(shape, options.batch, weights, ids), -1),
    ) as ReferenceRows;
  }

  static async start(shape: Shape, parameters: Parameters, options: TrainerOptions): Promise<Trainer> {
    await startNumerics();
    return new Trainer(shape, parameters, options);
  }

  /** The learning rate and the bias corrections come in as arrays: as numbers they would compile every step anew. */
  #compileUpdate(): Update {
    const { batch, weightDecay, clip } = this.#options;
    const shape = this.#shape;
    const update: Update = (parameters, first, second, ids, targets, weights, divergence, schedule) => {
      const loss = (p: DeviceParameters) => batchLoss(shape, batch, p, ids, targets, weights, divergence);
      const [value, gradients] = valueAndGrad(loss)(tree.ref(parameters)) as [Tensor, DeviceParameters];
      const norm = np.sqrt(
        Object.values(gradients)
          .map((g) => np.sum(np.square(g.ref)))
          .reduce((a, b) => a.add(b)),
      );
      const scale = np.minimum(np.array(1), np.reciprocal(norm.ref.add(1e-6)).mul(clip));
      const next: [DeviceParameters, DeviceParameters, DeviceParameters] = [{}, {}, {}];
      for (const [name, raw] of Object.entries(gradients)) {
        const weight = parameters[name] as Tensor;
        const decays = weight.shape.length > 1;
        const gradient = raw.mul(scale.ref);
        const m = (first[name] as Tensor).mul(BETA1).add(gradient.ref.mul(1 - BETA1));
        const v = (second[name] as Tensor).mul(BETA2).add(np.square(gradient).mul(1 - BETA2));
        const denominator = np.sqrt(v.ref.mul(schedule.correction2.ref)).add(EPSILON);
        const step = m.ref.mul(schedule.correction1.ref).div(denominator);
        const change = decays ? step.add(weight.ref.mul(weightDecay)) : step;
        next[0][name] = weight.sub(change.mul(schedule.rate.ref));
        next[1][name] = m;
        next[2][name] = v;
      }
      for (const used of [scale, schedule.rate, schedule.correction1, schedule.correction2]) used.dispose();
      return [...next, value, norm];
    };
    return update;
  }

  /** One update with this learning rate. @throws Error when the loss is not a number any more */
  async step(batch: Batch, rate: number): Promise<StepResult> {
    this.#steps++;
    const ids = this.#integers(batch.ids);
    const schedule = {
      rate: scalar(rate),
      correction1: scalar(1 / (1 - BETA1 ** this.#steps)),
      correction2: scalar(1 / (1 - BETA2 ** this.#steps)),
    };
    const divergence =
      this.#reference && batch.divergenceWeights
        ? {
            weights: np.array(batch.divergenceWeights),
            reference: this.#referenceRows(tree.ref(this.#reference), ids.ref),
          }
        : ({} as NoDivergence);
    const [parameters, first, second, loss, norm] = this.#update(
      this.#parameters,
      this.#first,
      this.#second,
      ids,
      this.#integers(batch.targets),
      np.array(batch.weights),
      divergence,
      schedule,
    );
    [this.#parameters, this.#first, this.#second] = [parameters, first, second];
    const result = { loss: (await readTensor(loss))[0]!, gradientNorm: (await readTensor(norm))[0]! };
    if (!Number.isFinite(result.loss))
      throw new Error(`training: the loss is ${result.loss} at step ${this.#steps}`);
    return result;
  }

  #integers(values: Int32Array<ArrayBuffer>): Tensor {
    return np.array(values, { dtype: np.int32 }).reshape([this.#options.batch, this.#options.context]);
  }

  /** The weights as they are now. */
  parameters(): Promise<Parameters> {
    return fromDevice(this.#parameters);
  }

  /** All that the next step depends on. */
  async state(): Promise<TrainerState> {
    const [parameters, first, second] = [
      await fromDevice(this.#parameters),
      await fromDevice(this.#first),
      await fromDevice(this.#second),
    ];
    return { parameters, first, second, steps: this.#steps };
  }

  /** Goes on from a state that `state()` gave. */
  restore({ parameters, first, second, steps }: TrainerState): void {
    this.#disposeState();
    [this.#parameters, this.#first, this.#second] = [parameters, first, second].map((weights) =>
      toDevice(this.#shape, weights),
    ) as [DeviceParameters, DeviceParameters, DeviceParameters];
    this.#steps = steps;
  }

  #disposeState(): void {
    for (const weights of [this.#parameters, this.#first, this.#second]) {
      for (const tensor of Object.values(weights)) tensor.dispose();
    }
  }

  /** Frees the device's memory; the trainer can't be used after. */
  dispose(): void {
    this.#disposeState();
    for (const tensor of Object.values(this.#reference ?? {})) tensor.dispose();
  }
}

function scalar(value: number): Tensor {
  return np.array(new Float32Array([value])).reshape([]);
}

/** Linear warm-up, then a cosine down to a twentieth of the peak. */
export function cosineRate(peak: number, step: number, steps: number, warmup: number): number {
  const cosine = 0.05 + 0.95 * 0.5 * (1 + Math.cos((Math.PI * step) / steps));
  return peak * Math.min(1, (step + 1) / warmup) * cosine;
}
