import { describe, expect, test } from 'vitest';
import { documentSequence, packRows } from './batches.ts';
import { Chance } from './chance.ts';
import { initialParameters, type Parameters, type Shape, sizeOf, tensorShapes } from './parameters.ts';
import { Sampler } from './sampler.ts';
import { lossAndGradient, targetLogProbabilities } from './testing/gradient-check.ts';
import { type Batch, Trainer } from './trainer.ts';
import { EOS } from './world/tokenizer.ts';

const small: Shape = { vocabulary: 16, width: 16, layers: 2, heads: 2, context: 16 };

function randomBatch(rows: number, context: number, chance: Chance): Batch {
  const n = rows * context;
  return {
    ids: Int32Array.from({ length: n }, () => chance.below(small.vocabulary)),
    targets: Int32Array.from({ length: n }, () => chance.below(small.vocabulary)),
    weights: Float32Array.from({ length: n }, () => chance.normal() / n),
    divergenceWeights: Float32Array.from({ length: n }, () => chance.number() / n),
  };
}

/** Weights that no part of the network is blind to: the smear starts at nothing, which would hide it. */
function livelyParameters(seed: number): Parameters {
  const chance = new Chance(seed);
  const parameters = initialParameters(small, seed);
  for (const values of Object.values(parameters))
    for (let i = 0; i < values.length; i++) values[i]! += 0.2 * chance.normal();
  return parameters;
}

describe('the gradient agrees with finite differences', () => {
  const rows = 3;
  const batch = randomBatch(rows, small.context, new Chance(5));
  const parameters = livelyParameters(1);
  const reference = livelyParameters(2);
  const losses = {
    'the supervised loss': (weights: Parameters) => lossAndGradient(small, rows, weights, batch),
    'the policy loss with its KL term': (weights: Parameters) =>
      lossAndGradient(small, rows, weights, batch, reference),
  };

  test.each(Object.entries(losses))('%s, along a random direction of every tensor', async (_, lossOf) => {
    const { gradient } = await lossOf(parameters);
    const chance = new Chance(9);
    for (const name of Object.keys(tensorShapes(small))) {
      const direction = Float32Array.from(parameters[name] as Float32Array, () => chance.normal());
      const length = Math.hypot(...direction);
      const step = 0.02;
      const moved = (sign: number): Parameters => ({
        ...parameters,
        [name]: Float32Array.from(
          parameters[name] as Float32Array,
          (value, i) => value + (sign * step * direction[i]!) / length,
        ),
      });
      const numeric = ((await lossOf(moved(1))).loss - (await lossOf(moved(-1))).loss) / (2 * step);
      const analytic = direction.reduce((sum, d, i) => sum + (d / length) * gradient[name]![i]!, 0);
      const scale = Math.hypot(...(gradient[name] as Float32Array)) / Math.sqrt(direction.length);
      expect(scale, `${name} has a gradient`).toBeGreaterThan(0);
      expect(Math.abs(numeric - analytic), `${name}: ${numeric} against ${analytic}`).toBeLessThan(
        0.05 * Math.max(scale, Math.abs(analytic)),
      );
    }
  });
});

test('the sampler gives every token the log-probability that the trainer gives it, to 1e-4', async () => {
  const parameters = livelyParameters(3);
  const sampler = await Sampler.start(small, parameters, small.vocabulary);
  const chance = new Chance(4);
  const prompts = Array.from({ length: 40 }, (_, seed) => ({
    tokens: Array.from({ length: 1 + chance.below(10) }, () => chance.below(small.vocabulary)),
    seed,
    maxTokens: 30,
    temperature: 1,
    topP: 1,
  }));
  const continuations = sampler.generate(prompts);
  let compared = 0;
  for (const [i, { tokens, logProbabilities, stop }] of continuations.entries()) {
    const drawn = stop === 'end' ? [...tokens, EOS] : tokens;
    const sequence = [...(prompts[i]?.tokens ?? []), ...drawn];
    const start = (prompts[i]?.tokens.length ?? 0) - 1;
    const ids = new Int32Array(small.context);
    const targets = new Int32Array(small.context);
    sequence.slice(0, small.context).forEach((token, at) => {
      ids[at] = token;
      if (at > 0) targets[at - 1] = token;
    });
    if (sequence.length > small.context) targets[small.context - 1] = sequence[small.context] as number;
    const expected = await targetLogProbabilities(small, 1, parameters, { ids, targets });
    drawn.forEach((_, at) => {
      expect(logProbabilities[at]).toBeCloseTo(expected[start + at] as number, 4);
      compared++;
    });
  }
  expect(compared).toBeGreaterThan(100);
});

test('a prompt is continued alike in any batch', async () => {
  const sampler = await Sampler.start(small, livelyParameters(3), small.vocabulary);
  const prompt = (seed: number) => ({ tokens: [2, 5, 7], seed, maxTokens: 12, temperature: 1, topP: 0.9 });
  const alone = sampler.generate([prompt(7)])[0];
  const among = sampler.generate(Array.from({ length: 300 }, (_, seed) => prompt(seed)))[7];
  expect(among?.tokens).toEqual(alone?.tokens);
});

test('the same seed gives the same weights, to the bit; a state restored goes on as if nothing had happened', async () => {
  const options = { batch: 4, context: 16, weightDecay: 0.01, clip: 1 };
  const batchAt = (step: number) => {
    const chance = new Chance(step);
    return packRows(4, 16, () =>
      documentSequence(Array.from({ length: 2 + chance.below(14) }, () => chance.below(16))),
    );
  };
  const run = async (restart: boolean) => {
    let trainer = await Trainer.start(small, initialParameters(small, 1), options);
    for (let step = 0; step < 6; step++) {
      if (restart && step === 3) {
        const state = await trainer.state();
        trainer.dispose();
        trainer = await Trainer.start(small, initialParameters(small, 2), options);
        trainer.restore(state);
      }
      await trainer.step(batchAt(step), 1e-2);
    }
    return trainer.parameters();
  };
  const first = await run(false);
  expect(await run(false)).toEqual(first);
  expect(await run(true)).toEqual(first);
});

test('a network of the demo has about 0.4 million parameters', () => {
  const shapes = tensorShapes({ vocabulary: 480, width: 96, layers: 3, heads: 4, context: 64 });
  const count = Object.values(shapes).reduce((all, dimensions) => all + sizeOf(dimensions), 0);
  expect(count).toBe(480 * 96 + 64 * 96 + 2 * 96 + 3 * (4 * 96 * 96 + 8 * 96 * 96 + 2 * 96));
});
