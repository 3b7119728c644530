import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { InputError } from '../../../core/index.ts';
import { digestOfWeights, readCheckpoint } from '../../../organism/index.ts';
import { readOrganismLineage } from '../../lineage.ts';
import type { CheckpointSource } from '../../source.ts';
import { tinyOrganism } from '../../testing/tiny-organism.ts';
import { trainedName } from '../../trained-name.ts';
import { weightsDigest } from '../../weights/weights-digest.ts';
import type { OrganismRecipe } from './recipe.ts';
import { checkpointFile, organismOpener, trainOrganism } from './train-organism.ts';

const sft: OrganismRecipe = {
  engine: 'organism',
  method: 'sft',
  mixture: { safety: { weight: 1 }, everyday: { weight: 1 } },
  steps: 4,
  rows: 2,
  rate: 1e-2,
  seed: 1,
};
const rl: OrganismRecipe = {
  engine: 'organism',
  method: 'grpo',
  rewards: { 'measured-speed': 1, constant: 1 },
  steps: 2,
  prompts: 2,
  group: 2,
  rate: 1e-3,
  beta: 0.1,
  seed: 1,
};

let folder = '';
let parentName = '';
let parent: CheckpointSource = { kind: 'organism', name: '' };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-training-'));
  parentName = await tinyOrganism(folder);
  parent = { kind: 'organism', name: parentName };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const weightsAt = async (name: string) => digestOfWeights(await readCheckpoint(checkpointFile(folder, name)));

test('the same recipe gives the same weights, also when it was stopped on the way; another seed gives others', async () => {
  const job = { stage: 'sft', parent, recipe: sft };
  expect(await trainOrganism({ ...job, name: 'whole' }, folder)).toBe(true);

  const stopping = new AbortController();
  const steps: number[] = [];
  const stopped = await trainOrganism({ ...job, name: 'resumed' }, folder, {
    signal: stopping.signal,
    onProgress: ({ step }) => {
      if (step === 2) stopping.abort();
    },
  });
  expect(stopped).toBe(false);
  expect(existsSync(checkpointFile(folder, 'resumed'))).toBe(false);
  expect(existsSync(`${checkpointFile(folder, 'resumed')}.state`)).toBe(true);
  const onProgress = ({ step }: { step: number }) => void steps.push(step);
  expect(await trainOrganism({ ...job, name: 'resumed' }, folder, { onProgress })).toBe(true);
  expect(steps).toEqual([3, 4]);
  expect(existsSync(`${checkpointFile(folder, 'resumed')}.state`)).toBe(false);
  expect(await weightsAt('resumed')).toBe(await weightsAt('whole'));

  const [once, twice] = ['whole', 'resumed'].map(
    (name) => readOrganismLineage(checkpointFile(folder, name))!,
  );
  expect(once).toMatchObject({
    stage: 'sft',
    name: 'whole',
    identity: { weights: await weightsDigest(checkpointFile(folder, 'whole')) },
    parent: { name: 'tiny.safetensors', weights: await weightsDigest(parentName) },
    recipe: { method: 'sft', seed: 1, steps: 4 },
    result: { device: 'cpu', world: 1, versions: { '@jax-js/jax': expect.stringMatching(/^\d/) } },
    attempts: [{ lastStep: 4, outcome: 'finished' }],
  });
  expect(twice!.attempts).toMatchObject([
    { lastStep: 2, outcome: 'was stopped' },
    { lastStep: 4, outcome: 'finished' },
  ]);
  expect(twice!.order).toEqual(once!.order);
  expect(twice!.sources).toEqual(once!.sources);
  const { safety, everyday } = once!.sources;
  expect(Number(safety!.drawn) + Number(everyday!.drawn)).toBe(once!.order!.examples);
  expect(safety).toMatchObject({ truncated: 0, teacher: 'careful' });
  expect(Number(safety!.tokens)).toBeGreaterThan(Number(safety!.learnt));

  await trainOrganism({ ...job, recipe: { ...sft, seed: 2 }, name: 'other' }, folder);
  expect(await weightsAt('other')).not.toBe(await weightsAt('whole'));
});

test('a checkpoint says where it comes from; one that is there is not trained again', async () => {
  const job = { stage: 'production', name: 'rl', parent, recipe: rl };
  const watched: string[] = [];
  const onProgress = (progress: { watched: object }) => void watched.push(...Object.keys(progress.watched));
  await trainOrganism(job, folder, { onProgress });
  expect(watched).toContain('reward');
  const { lineage } = await readCheckpoint(checkpointFile(folder, 'rl'));
  expect(lineage).toMatchObject({
    stage: 'production',
    seed: 1,
    parent: await weightsAt(parentName),
    recipe: rl,
  });
  const { order, sources } = readOrganismLineage(checkpointFile(folder, 'rl'))!;
  expect(order!.examples).toBe(rl.steps * rl.prompts);
  expect(Object.values(sources).reduce((sum, { drawn }) => sum + Number(drawn), 0)).toBe(order!.examples);
  const again: number[] = [];
  expect(await trainOrganism(job, folder, { onProgress: () => void again.push(1) })).toBe(true);
  expect(again).toEqual([]);
});

test('a name says of what and by what a checkpoint is made', () => {
  const name = trainedName('sft', parent, sft);
  expect(name).toMatch(/^sft-[0-9a-f]{12}$/);
  expect(trainedName('sft', parent, { ...sft })).toBe(name);
  expect(trainedName('sft', parent, { ...sft, steps: 5 })).not.toBe(name);
  expect(trainedName('sft', { kind: 'organism', name: 'base' }, sft)).not.toBe(name);
});

test('without its parent nothing is trained, and without its file nothing opened', async () => {
  const job = {
    stage: 'sft',
    name: 'orphan',
    parent: { kind: 'organism', name: 'nobody' },
    recipe: sft,
  } as const;
  await expect(trainOrganism(job, folder)).rejects.toThrow(InputError);
  await expect(organismOpener(folder)('nobody', folder)).rejects.toThrow('there is no organism "nobody"');
});

test('a folder that can’t be written to is told before the training', async () => {
  const taken = join(folder, 'taken');
  await writeFile(taken, '');
  const job = { stage: 'sft', name: 'nowhere', parent, recipe: sft };
  const onProgress = vi.fn();
  await expect(trainOrganism(job, join(taken, 'checkpoints'), { onProgress })).rejects.toThrow(
    "the checkpoint can't be written: a part of its path is a file",
  );
  expect(onProgress).not.toHaveBeenCalled();
});
