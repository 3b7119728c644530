import { writeFile } from 'node:fs/promises';
import { initialParameters, type Shape, sizeOf, tensorShapes } from '../src/organism/parameters.ts';
import { writeSafetensors } from '../src/organism/safetensors.ts';
import { Sampler } from '../src/organism/sampler.ts';
import { Trainer } from '../src/organism/trainer.ts';
import { peakMemory } from './held.ts';

/*
 * One measurement of the organism at one size: the first training step (compiling included), then steps a second, then
 * sampling. organism-child.ts WIDTH LAYERS STEPS WEIGHTS_FILE; the weights it begins with are written there.
 */
const [width = 96, layers = 3, steps = 20] = process.argv.slice(2, 5).map(Number);
const weightsFile = process.argv[5] as string;
const shape: Shape = { vocabulary: 480, width, layers, heads: 4, context: 64 };
const ROWS = 24;
const WORDS = 465;
const PROMPTS = 384;

const parameters = initialParameters(shape, 1);
const tensors = Object.fromEntries(
  Object.entries(parameters).map(([name, values]) => [name, { dimensions: [values.length], values }]),
);
await writeFile(weightsFile, writeSafetensors({ tensors, metadata: {} }));

const n = ROWS * shape.context;
const batch = {
  ids: Int32Array.from({ length: n }, (_, i) => (i * 7919 + 13) % WORDS),
  targets: Int32Array.from({ length: n }, (_, i) => (i * 104729 + 7) % WORDS),
  weights: new Float32Array(n).fill(1 / n),
};

const startedFirst = performance.now();
const trainer = await Trainer.start(shape, parameters, {
  batch: ROWS,
  context: 64,
  weightDecay: 0.01,
  clip: 1,
});
const { loss } = await trainer.step(batch, 1e-3);
const first = (performance.now() - startedFirst) / 1000;
await trainer.step(batch, 1e-3);
const startedTraining = performance.now();
for (let step = 0; step < steps; step++) await trainer.step(batch, 1e-3);
const training = (steps * n) / ((performance.now() - startedTraining) / 1000);
const peak = peakMemory();
trainer.dispose();

// Prompts of 12 words and answers of at most 40; an untrained network draws the end about once in 465 tokens. What was
// drawn is counted.
const sampler = await Sampler.start(shape, parameters, WORDS);
const prompts = Array.from({ length: PROMPTS }, (_, seed) => ({
  tokens: Array.from({ length: 12 }, (_, i) => 4 + ((seed * 31 + i * 17) % (WORDS - 4))),
  seed,
  maxTokens: 40,
  temperature: 1,
  topP: 1,
}));
sampler.generate(prompts.slice(0, 8));
const startedSampling = performance.now();
const sampled = sampler.generate(prompts).reduce((sum, { tokens }) => sum + tokens.length, 0);
const sampling = sampled / ((performance.now() - startedSampling) / 1000);
process.send!({
  parameters: Object.values(tensorShapes(shape)).reduce((all, each) => all + sizeOf(each), 0),
  first,
  training,
  sampling,
  peak,
  loss,
});
