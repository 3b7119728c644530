import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tinyOrganism } from '../checkpoints/testing/tiny-organism.ts';
import { openRun } from '../records/index.ts';
import { lineageTree } from '../report/index.ts';
import { loadStudy, planStudy } from '../study/index.ts';
import { runStudy } from './run-study.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-train-stages-'));
  await tinyOrganism(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const planned = async (steps: number) => {
  await writeFile(
    join(folder, 'sft.yaml'),
    `engine: organism\nmethod: sft\nmixture: { sources: { everyday: 1 } }\nsteps: ${steps}\nrows: 2\n`,
  );
  const file = join(folder, 'study.yaml');
  await writeFile(
    file,
    `
name: tiny
stages:
  - { id: base, kind: pretrain, model: organism:tiny.safetensors }
  - { id: sft, kind: sft, recipe: sft.yaml }
evals: [{ eval: micro-kpi, options: { per_cluster: 1 } }]
raters: [{ id: world, kind: rule, rule: world }]
sampling: { max_tokens: 4 }
`,
  );
  return planStudy(await loadStudy(file));
};

test('a run trains what is missing first, stops and goes on, and trains nothing twice', async () => {
  const plan = await planned(3);
  const out = join(folder, 'runs', 'tiny');
  const checkpoint = join(
    folder,
    'runs',
    'checkpoints',
    `${plan.study.stages[1]!.training!.name}.safetensors`,
  );

  const stopping = new AbortController();
  const stopped = await runStudy(plan, {
    folder: out,
    stop: stopping.signal,
    onTraining: () => stopping.abort(),
  });
  expect(stopped).toMatchObject({ complete: false, stoppedBy: 'signal', trials: { done: 0 } });
  expect(stopped.lines.join()).toContain('sft was being trained');
  expect(existsSync(checkpoint)).toBe(false);

  const told: string[] = [];
  const done = await runStudy(plan, {
    folder: out,
    onTraining: ({ id, step, steps, number, of }) => told.push(`${id} ${number}/${of} ${step}/${steps}`),
  });
  expect(told).toEqual(['sft 1/1 2/3', 'sft 1/1 3/3']);
  expect(done.complete).toBe(true);
  expect(existsSync(checkpoint)).toBe(true);
  await using run = await openRun(out);
  expect([...run.trials()]).toHaveLength(plan.trials);
  expect(run.manifest.stages.map(({ model }) => model)).toEqual(
    plan.study.stages.map(({ model }) => model.ref),
  );

  expect(run.manifest.stages[1]).toMatchObject({
    identity: { weights: expect.stringMatching(/^[0-9a-f]{32}$/) },
    lineage: {
      parent: { name: 'tiny.safetensors', weights: run.manifest.stages[0]!.identity!.weights },
      recipe: { engine: 'organism', steps: 3, seed: 1 },
      attempts: 2,
    },
  });
  expect(lineageTree(run.manifest).join('\n')).toMatch(
    /3 steps of sft by organism.*\n.*everyday: \d+ of \d+ rows drawn .* tokens, by teacher\n.* on cpu, 2 starts/,
  );

  const again: string[] = [];
  const second = await runStudy(await planned(3), { folder: out, onTraining: () => again.push('trained') });
  expect(again).toEqual([]);
  expect(second.trials).toMatchObject({ done: 0, skipped: plan.trials });
});

test('a run is not gone on with when a recipe has changed', async () => {
  const out = join(folder, 'runs', 'tiny');
  await expect(runStudy(await planned(2), { folder: out })).rejects.toThrow(
    /stages\.sft\.model: organism:sft-/,
  );
});
