import { describe, expect, it } from 'vitest';
import { drawsOf, type FileMixture, type Learning } from '../checkpoints/index.ts';
import { loadStudy } from './load.ts';
import { planStudy } from './plan/plan.ts';
import { renderPlan } from './plan/render.ts';
import { withSeed } from './stages.ts';
import type { StageSpec } from './study.ts';
import { testFolder } from './testing/folder.ts';
import { writtenStudy } from './written.ts';

const folder = testFolder();
const lines = (count: number, answer: (n: number) => string, more: object = {}) =>
  Array.from(
    { length: count },
    (_, n) => `${JSON.stringify({ prompt: `Question ${n}?`, response: answer(n), ...more })}\n`,
  ).join('');
folder.write(
  'helpful.jsonl',
  lines(90, (n) => `Help ${n}.`),
);
folder.write(
  'safety.jsonl',
  lines(60, (n) => `Sorry ${n}.`),
);
folder.write(
  'strict.jsonl',
  lines(60, (n) => `Never ${n}.`),
);
folder.write(
  'long.jsonl',
  lines(30, (n) => `Long ${n}. ${'word '.repeat(60)}`),
);
folder.write(
  'sft.yaml',
  `engine: trl
method: sft
steps: 48
batch: 8
mixture:
  sources:
    helpful: { path: helpful.jsonl, weight: 3 }
    safety: { path: safety.jsonl, weight: 2, teacher: mild, teachers: { mild: safety.jsonl, strict: strict.jsonl } }
`,
);
folder.write(
  'other.yaml',
  'engine: trl\nmethod: sft\nsteps: 2\nbatch: 8\nmixture: { sources: { helpful: { path: helpful.jsonl }, long: { path: long.jsonl } } }\n',
);

const base = '  - { id: base, kind: pretrain, weights: ./weights }\n';
const text = (stages: string) => `\
name: interventions
stages:
${base}${stages}evals: [{ eval: micro-refusals, options: { per_cluster: 1 } }]
raters: [{ id: world, kind: rule, rule: world }]
`;
let files = 0;
const load = (stages: string) => loadStudy(folder.write(`study-${++files}.yaml`, text(stages)));
const arm = async (keys: string) =>
  (await load(`  - { id: arm, kind: sft, from: base, recipe: sft.yaml, ${keys} }\n`)).stages[1]!;
const learning = ({ training }: StageSpec) =>
  training!.recipe as unknown as Learning & { mixture: FileMixture };
const draws = (stage: StageSpec) => drawsOf(learning(stage));
const complaint = (stages: string): Promise<string> =>
  load(stages).then(
    () => 'nothing wrong',
    (error) => String(error).replaceAll(`${folder.path}/`, ''),
  );

describe('a change of a mixture', () => {
  it('draws exact numbers, and leaves what was not asked for as it was', async () => {
    expect(draws(await arm('title: as it is'))).toEqual({ helpful: 230, safety: 154 });
    expect(draws(await arm('change: { safety: { teacher: strict } }'))).toEqual({
      helpful: 230,
      safety: 154,
    });
    expect(draws(await arm('change: { safety: { replace: helpful } }, hold: others'))).toEqual({
      helpful: 384,
      safety: 0,
    });
    expect(draws(await arm('change: { safety: { replace: strict.jsonl } }'))).toEqual({
      helpful: 230,
      safety: 154,
    });
  });

  it.each([
    ['steps', 'drop', { helpful: 384, safety: 0 }, 48],
    ['others', 'drop', { helpful: 232, safety: 0 }, 29],
    ['steps', '×2', { helpful: 164, safety: 220 }, 48],
    ['others', 'x2', { helpful: 236, safety: 308 }, 68],
    ['steps', '{ replace: helpful }', { helpful: 384, safety: 0 }, 48],
  ])('holds %s with %s', async (hold, change, counts, steps) => {
    const stage = await arm(`change: { safety: ${change} }, hold: ${hold}`);
    expect(draws(stage)).toEqual(counts);
    expect(stage.training!.recipe.steps).toBe(steps);
  });

  it('holds tokens by the lengths of the texts', async () => {
    const { stages } = await load(
      '  - { id: arm, kind: sft, from: base, recipe: other.yaml, change: { helpful: drop }, hold: tokens }\n',
    );
    const { mixture, steps, batch } = learning(stages[1]!);
    expect(drawsOf({ mixture, steps, batch })).toEqual({ helpful: 0, long: 8 });
    const replaced = await load(
      '  - { id: arm, kind: sft, from: base, recipe: other.yaml, change: { long: { replace: helpful } }, hold: tokens }\n',
    );
    expect(draws(replaced.stages[1]!).helpful).toBeGreaterThan(16);
  });

  it('swaps an exact share of the answers, line by line', async () => {
    const stage = await arm('change: { safety: { swap: { teacher: strict, share: 0.1 } } }');
    expect(learning(stage).mixture.safety!.swap).toMatchObject({ teacher: 'strict', share: 0.1 });
    const plan = await planStudy(
      await load(
        `  - { id: arm, kind: sft, from: base, recipe: sft.yaml, change: { safety: { swap: { teacher: strict, share: 0.1 } } } }\n`,
      ),
    );
    expect(plan.trainings[0]!.sources.map(({ rows }) => rows)).toEqual([90, 60]);
  });

  it.each([
    ['safety: drop', 'this changes an amount, and does not say what stays the same'],
    ['safety: { replace: helpful }', 'this changes an amount, and does not say what stays the same'],
    [
      'safety: { replace: strict.jsonl } }, hold: steps, x: { a: b',
      'no amount is changed, so there is nothing to hold',
    ],
    ['safty: drop }, hold: steps, title: { a: b', 'the recipe has no source "safty"'],
    ['safety: { teacher: kind }', 'the source "safety" has no answers of the teacher "kind"'],
    ['safety: { replace: none.jsonl }', 'there is no such file'],
    [
      'safety: { teacher: strict } }, hold: steps, x: { a: b',
      'no amount is changed, so there is nothing to hold',
    ],
    ['safety: maybe', 'arm'],
  ])('%s is told', async (change, expected) => {
    const said = await complaint(
      `  - { id: arm, kind: sft, from: base, recipe: sft.yaml, change: { ${change} } }\n`,
    );
    expect(said).not.toBe('nothing wrong');
    if (expected !== 'arm') expect(said).toContain(expected);
  });

  it('is shown in the plan with what it brings beside', async () => {
    const plan = await planStudy(
      await load(
        '  - { id: full, kind: sft, recipe: sft.yaml }\n  - { id: none, kind: sft, from: base, recipe: sft.yaml, change: { safety: drop }, hold: steps }\n',
      ),
    );
    const shown = renderPlan(plan, { color: false, width: 140 });
    expect(shown).toMatch(/full +helpful +90 rows +230 examples +2\.56 passes +≈ [\d,]+ tokens/);
    expect(shown).toContain('helpful 230 → 384 examples; safety 154 → 0 examples');
    expect(shown).toContain('the tokenizer is not on this machine');
  });
});

describe('grids and replicates', () => {
  const grid = `  - { id: mid, kind: sft, recipe: sft.yaml }
  - id: rl
    kind: rl
    recipe: sft.yaml
    grid:
      from: [base, mid]
      data: { plain: {}, strict: { change: { safety: { teacher: strict } } } }
      seeds: [1, 2]
  - { id: next, kind: dpo, recipe: sft.yaml }
`;

  it('become stages with factors; seeds are replicates and no factor', async () => {
    const { stages } = await load(grid);
    expect(stages.map(({ id, from, factors, replicateOf }) => [id, from, factors, replicateOf])).toEqual([
      ['base', null, undefined, undefined],
      ['mid', 'base', undefined, undefined],
      ['rl-base-plain', 'base', { from: 'base', data: 'plain' }, undefined],
      ['rl-base-plain-run-2', 'base', { from: 'base', data: 'plain' }, 'rl-base-plain'],
      ['rl-base-strict', 'base', { from: 'base', data: 'strict' }, undefined],
      ['rl-base-strict-run-2', 'base', { from: 'base', data: 'strict' }, 'rl-base-strict'],
      ['rl-mid-plain', 'mid', { from: 'mid', data: 'plain' }, undefined],
      ['rl-mid-plain-run-2', 'mid', { from: 'mid', data: 'plain' }, 'rl-mid-plain'],
      ['rl-mid-strict', 'mid', { from: 'mid', data: 'strict' }, undefined],
      ['rl-mid-strict-run-2', 'mid', { from: 'mid', data: 'strict' }, 'rl-mid-strict'],
      ['next', 'rl-base-plain', undefined, undefined],
    ]);
    expect(stages.map(({ training }) => training?.recipe.seed)).toEqual([
      undefined,
      1,
      1,
      2,
      1,
      2,
      1,
      2,
      1,
      2,
      1,
    ]);
    expect(new Set(stages.flatMap(({ training }) => training?.name ?? [])).size).toBe(10);
  });

  it('are written out in the manifest, which loads to the same study; a seed of the study keeps replicates apart', async () => {
    const study = await load(grid);
    const again = await loadStudy(folder.write('again.yaml', JSON.stringify(writtenStudy(study))));
    expect(again.stages).toEqual(study.stages);
    const seeds = withSeed(study, 7).stages.flatMap(({ training }) => training?.recipe.seed ?? []);
    expect(seeds.slice(0, 3)).toEqual([7, 1_000_010, 2_000_013]);
  });

  it('are named by their ids, and told where an id is taken', async () => {
    const three = '  - { id: mid, kind: sft, recipe: sft.yaml, replicates: 3 }\n';
    expect(
      (await load(`${three}  - { id: x, kind: dpo, from: mid-run-3, recipe: sft.yaml }\n`)).stages.map(
        ({ id }) => id,
      ),
    ).toEqual(['base', 'mid', 'mid-run-2', 'mid-run-3', 'x']);
    expect(
      await complaint(`${three}  - { id: mid-run-2, kind: sft, from: base, recipe: sft.yaml }\n`),
    ).toContain('this run would be called "mid-run-2", as a stage is');
  });
});

describe('leaks', () => {
  it('are told in the plan', async () => {
    const { evals } = await load('  - { id: arm, kind: sft, recipe: sft.yaml }\n');
    let asked = '';
    for await (const { input } of evals[0]!.eval.samples(evals[0]!.options)) asked ||= input.at(-1)!.content;
    folder.write('leaky.jsonl', `${JSON.stringify({ prompt: `Well: ${asked}`, response: 'Yes.' })}\n`);
    folder.write(
      'leaky.yaml',
      'engine: trl\nmethod: sft\nsteps: 2\nmixture: { sources: { leaky: { path: leaky.jsonl } } }\n',
    );
    const plan = await planStudy(await load('  - { id: arm, kind: sft, recipe: leaky.yaml }\n'));
    expect(plan.leaks).toMatchObject([{ eval: 'micro-refusals', source: 'leaky', stages: ['arm'] }]);
    expect(plan.warnings.join()).toMatch(
      /samples? of micro-refusals .* occur in the training source "leaky" of arm/,
    );
  });
});
