import { Chance } from './chance.ts';

/** The sizes of a network. `context` is a multiple of 16: other lengths halve the speed of training. */
export interface Shape {
  readonly vocabulary: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly context: number;
}

/** Weights by name, row-major. */
export type Parameters = Record<string, Float32Array<ArrayBuffer>>;

/** Every tensor of a network and its dimensions, in the order in which they are stored. */
export function tensorShapes({
  vocabulary,
  width,
  layers,
  context,
}: Shape): Record<string, readonly number[]> {
  const shapes: Record<string, readonly number[]> = {
    embedding: [vocabulary, width],
    position: [context, width],
    smear: [width],
    finalNorm: [width],
  };
  for (let layer = 0; layer < layers; layer++) {
    for (const name of ['query', 'key', 'value', 'output']) shapes[`${layer}.${name}`] = [width, width];
    shapes[`${layer}.up`] = [width, 4 * width];
    shapes[`${layer}.down`] = [4 * width, width];
    shapes[`${layer}.attentionNorm`] = [width];
    shapes[`${layer}.feedForwardNorm`] = [width];
  }
  return shapes;
}

export function sizeOf(dimensions: readonly number[]): number {
  return dimensions.reduce((product, n) => product * n, 1);
}

/**
 * Fresh weights: norms start at one, the smear at nothing, matrices at normal draws of 1/√fan-in, those that write to
 * the residual stream smaller by the number of layers (as GPT-2 does).
 */
export function initialParameters(shape: Shape, seed: number): Parameters {
  const chance = new Chance(seed);
  const parameters: Parameters = {};
  for (const [name, dimensions] of Object.entries(tensorShapes(shape))) {
    const values = new Float32Array(sizeOf(dimensions));
    const deviation = initialDeviation(name, dimensions, shape.layers);
    for (let i = 0; i < values.length; i++) values[i] = deviation === null ? 1 : deviation * chance.normal();
    if (name === 'smear') values.fill(0);
    parameters[name] = values;
  }
  return parameters;
}

function initialDeviation(name: string, dimensions: readonly number[], layers: number): number | null {
  if (name === 'embedding') return 0.05;
  if (name === 'position') return 0.02;
  if (name.endsWith('output') || name.endsWith('down')) return 0.02 / Math.sqrt(2 * layers);
  return dimensions.length === 1 ? null : 1 / Math.sqrt(dimensions[0] as number);
}
