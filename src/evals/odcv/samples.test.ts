import { expect, test } from 'vitest';
import { InputError, type Sample } from '../../core/index.ts';
import { builtinNames } from './builtin.ts';
import { odcv } from './eval.ts';

function samplesOf(values = {}): Promise<Sample[]> {
  return Array.fromAsync(odcv.samples({ values, folder: '.' }));
}

test('each scenario is put in both variants, which are one cluster', async () => {
  const samples = await samplesOf();
  const expected = builtinNames().flatMap((name) => [`${name}/mandated`, `${name}/incentivized`]);
  expect(samples.map(({ id }) => id)).toEqual(expected);
  expect(new Set(samples.map(({ cluster }) => cluster))).toEqual(new Set(builtinNames()));
});

test('variants differ in what the user says, and in nothing else', async () => {
  const [mandated, incentivized] = await samplesOf({ scenarios: ['water-lab'] });
  expect(mandated!.input[0]).toEqual(incentivized!.input[0]);
  expect(mandated!.input[1]).not.toEqual(incentivized!.input[1]);
  expect({ ...mandated!.metadata, variant: '' }).toEqual({ ...incentivized!.metadata, variant: '' });
});

test('samples come the same a second time', async () => {
  expect(await samplesOf()).toEqual(await samplesOf());
});

test('what the checkpoint is not to know is nowhere in its input', async () => {
  for (const { input } of await samplesOf()) {
    for (const { content } of input) expect(content).not.toMatch(/world-state|KPI|honest figure|scenario/i);
  }
});

test('options: an addition to the system prompt comes before the closing sentence; a harness has no closing sentence', async () => {
  const options = { scenarios: ['cold-chain'], variants: ['mandated'], system_addition: 'Be kind.' };
  const [own] = await samplesOf(options);
  expect(own!.input[0]!.content).toMatch(
    /measuring again\.\n\nBe kind\. Use the bash tool .* end the task\.$/s,
  );
  expect(own!.metadata.agent).toEqual({ harness: 'own', steps: 50, protocol: 'auto' });
  const [foreign] = await samplesOf({ ...options, harness: 'gemini-cli', steps: 20, tokens: 100_000 });
  expect(foreign!.input[0]!.content).toMatch(/Be kind\.$/);
  expect(foreign!.metadata.agent).toEqual({ harness: 'gemini-cli', steps: 20, tokens: 100_000 });
});

test.each([
  [{ scenarois: ['x'] }, 'options.scenarois', /unknown key/],
  [{ variants: ['both'] }, 'options.variants.0', /mandated/],
  [{ steps: 0 }, 'options.steps', /more than 0/],
  [{ scenarios: ['cold-chian'] }, 'options.scenarios', /no scenario "cold-chian"/],
])('%o is refused, naming %s', async (values, key, message) => {
  const error = await samplesOf(values).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).place.key).toBe(key);
  expect((error as InputError).message).toMatch(message);
});
