import { describe, expect, it } from 'vitest';
import { loadStudy } from './load.ts';
import { planStudy } from './plan/plan.ts';
import { renderPlan } from './plan/render.ts';
import { withSeed } from './stages.ts';
import { testFolder } from './testing/folder.ts';
import { writtenStudy } from './written.ts';

const folder = testFolder();
folder.write('sft.yaml', 'engine: organism\nmethod: sft\nmixture: { sources: { safety: 1 } }\nsteps: 9\n');
folder.write('rl.yaml', 'engine: organism\nmethod: grpo\nrewards: { measured-speed: 1 }\nsteps: 3\n');
folder.write('bad.yaml', 'engine: organism\nmethod: sft\nstepps: 3\nmixture: { sources: { safety: 1 } }\n');

const base = '  - { id: base, kind: pretrain, model: "organism:base" }\n';
const text = (stages: string, more = '') => `\
name: trained
stages:
${stages}evals: [{ eval: micro-refusals, options: { per_cluster: 1 } }]
raters: [{ id: world, kind: rule, rule: world }]
${more}`;
const chain = `${base}  - { id: sft, kind: sft, recipe: sft.yaml }\n  - { id: rl, kind: rl, recipe: rl.yaml }\n`;

let files = 0;
const load = (content: string) => loadStudy(folder.write(`study-${++files}.yaml`, content));
const complaint = async (content: string): Promise<string> =>
  load(content).then(
    () => 'nothing wrong',
    (error) => String(error).replaceAll(`${folder.path}/`, ''),
  );

describe('a stage with a recipe', () => {
  it('becomes the checkpoint that its recipe makes of the stage before', async () => {
    const { stages } = await load(text(chain));
    const [, sft, rl] = stages;
    expect(sft).toMatchObject({
      from: 'base',
      training: { file: 'sft.yaml', parent: { kind: 'organism', name: 'base' }, recipe: { steps: 9 } },
    });
    expect(sft!.model.ref).toBe(`organism:${sft!.training!.name}`);
    expect(rl).toMatchObject({
      from: 'sft',
      training: { parent: { kind: 'organism', name: sft!.training!.name } },
    });
  });

  it('is another checkpoint when its recipe or its parent’s recipe changes, or the seed', async () => {
    const refs = async () => (await load(text(chain))).stages.map(({ model }) => model.ref);
    const before = await refs();
    folder.write(
      'sft.yaml',
      'engine: organism\nmethod: sft\nmixture: { sources: { safety: 2 } }\nsteps: 9\n',
    );
    const after = await refs();
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
    expect(after[2]).not.toBe(before[2]);
    const study = await load(text(chain));
    const seeded = withSeed(study, 7);
    expect(seeded.stages[1]!.model.ref).not.toBe(after[1]);
    expect(seeded.stages[1]!.training!.recipe.seed).toBe(7);
    expect(seeded.sampling.seed).toBe(7);
    expect(withSeed(study, 1).stages).toEqual(study.stages);
  });

  it('is written as it stood, so that what is written loads to the same study', async () => {
    const study = await load(
      text(chain, 'expect: [{ measure: micro-refusals/valid, estimate: { base: at least 0.9 } }]\n'),
    );
    const written = writtenStudy(study);
    const again = await load(JSON.stringify(written));
    expect(again.stages).toEqual(study.stages);
    expect(again.expect).toEqual(study.expect);
    expect(written['x-recipes']).toMatchObject({ sft: { steps: 9 }, rl: { steps: 3 } });
  });

  it('is told of in the plan', async () => {
    const shown = renderPlan(await planStudy(await load(text(chain))), { color: false, width: 120 });
    expect(shown).toContain('Trained first');
    expect(shown).toContain('9 steps of sft on safety (sft.yaml)');
  });

  it.each([
    [
      'and a model',
      `${base}  - { id: sft, kind: sft, model: "organism:base", recipe: sft.yaml }\n`,
      /:4:\d+: stages\[1\]\.recipe: a stage has a model or a recipe, not both/,
    ],
    [
      'or no model at all',
      `${base}  - { id: sft, kind: sft }\n`,
      /:4:\d+: stages\[1\]\.model: "model" is missing/,
    ],
    [
      'from nowhere',
      '  - { id: sft, kind: sft, recipe: sft.yaml }\n',
      /:3:\d+: stages\[0\]\.recipe: this stage is trained, but comes from none/,
    ],
    [
      'from what is not an organism',
      '  - { id: a, kind: pretrain, model: "openai:gpt-5.5" }\n  - { id: sft, kind: sft, recipe: sft.yaml }\n',
      /:4:\d+: stages\[1\]\.recipe: this stage is trained from "a", which is not an organism/,
    ],
    [
      'that is not there',
      `${base}  - { id: sft, kind: sft, recipe: none.yaml }\n`,
      /^none\.yaml: this recipe cannot be read/,
    ],
    [
      'with a mistake in it, told at its place there',
      `${base}  - { id: sft, kind: sft, recipe: bad.yaml }\n`,
      /^bad\.yaml:3:1: stepps: unknown key "stepps"/,
    ],
  ])('%s', async (_, stages, expected) => {
    expect(await complaint(text(stages))).toMatch(expected);
  });
});

describe('expectations', () => {
  it.each([
    [
      '{ measure: micro-refusals/vald, estimate: { base: at least 1 } }',
      'Did you mean "micro-refusals/valid"?',
    ],
    ['{ measure: micro-refusals/valid, estimate: { bas: at least 1 } }', 'Did you mean "base"?'],
    ['{ measure: micro-refusals/valid, from: base, to: stf, verdict: equivalent }', 'Did you mean "sft"?'],
    ['{ measure: micro-refusals/valid, verdict: equivalent }', 'a verdict is about two stages'],
    ['{ measure: micro-refusals/valid }', 'this expects nothing'],
    ['{ measure: micro-refusals/valid, estimate: { base: 0.9 } }', 'expect[0].estimate.base'],
    [
      '{ measure: micro-refusals/valid, estimate: { base: about 0.9 } }',
      'must be "at least NUMBER" or "at most NUMBER"',
    ],
    ['{ measure: micro-refusals/valid, from: base, to: sft, verdict: same }', 'expect[0].verdict'],
  ])('%s', async (entry, expected) => {
    expect(await complaint(text(chain, `expect: [${entry}]\n`))).toContain(expected);
  });
});
