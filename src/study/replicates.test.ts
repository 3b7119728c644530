import { describe, expect, test } from 'vitest';
import { DocumentError } from '../files/problems.ts';
import { defineStudy, planStudy } from './index.ts';

const RUNS = ['1', '2', '3'].map((seed) => `http://localhost:1/v1#sft-s${seed}`);

const study = (sft: object, more: object = {}, rl: object = { model: 'http://localhost:1/v1#rl' }) =>
  defineStudy({
    name: 'mine',
    stages: [
      { id: 'base', kind: 'pretrain', model: 'http://localhost:1/v1#base' },
      { id: 'sft', kind: 'sft', title: 'SFT', ...sft },
      { id: 'rl', kind: 'rl', ...rl },
    ],
    evals: ['refusals'],
    raters: [{ id: 'string-match', kind: 'rule', rule: 'string-match' }],
    ...more,
  });

describe('replicates of a stage', () => {
  test('are arms of their own; the first has the stage’s id and its place in the chain', () => {
    const { stages } = study({ replicates: RUNS });
    expect(stages.map(({ id, from, replicateOf }) => ({ id, from, replicateOf }))).toEqual([
      { id: 'base', from: null, replicateOf: undefined },
      { id: 'sft', from: 'base', replicateOf: undefined },
      { id: 'sft-run-2', from: 'base', replicateOf: 'sft' },
      { id: 'sft-run-3', from: 'base', replicateOf: 'sft' },
      { id: 'rl', from: 'sft', replicateOf: undefined },
    ]);
    expect(stages.filter(({ id }) => id.startsWith('sft')).map(({ model }) => model.ref)).toEqual(RUNS);
  });

  test('are planned for, and are written out', async () => {
    const [plain, several] = await Promise.all([
      planStudy(study({ model: RUNS[0] })),
      planStudy(study({ replicates: RUNS })),
    ]);
    expect(several.trials).toBe((plain.trials * 5) / 3);
    expect(several.manifest.stages.map(({ replicateOf }) => replicateOf ?? null)).toEqual([
      null,
      null,
      'sft',
      'sft',
      null,
    ]);
    const again = defineStudy({ ...(several.manifest.study as object), 'x-files': undefined } as never);
    expect(again.stages).toEqual(study({ replicates: RUNS }).stages);
  });

  test('come from the run of their parent with the same number', () => {
    const { stages } = study(
      { replicates: RUNS },
      {},
      { replicates: ['a', 'b', 'c'].map((name) => `http://localhost:1/v1#rl-${name}`) },
    );
    expect(stages.find(({ id }) => id === 'rl-run-3')).toMatchObject({
      from: 'sft-run-3',
      replicateOf: 'rl',
    });
  });

  test('of another checkpoint make another run', async () => {
    const digest = async (replicates: string[]) => (await planStudy(study({ replicates }))).manifest.digest;
    expect(await digest([...RUNS.slice(0, 2), 'http://localhost:1/v1#sft-s4'])).not.toBe(await digest(RUNS));
  });

  test.each([
    [{ replicates: RUNS.slice(0, 2) }, {}, 'needs at least 3 entries'],
    [{ replicates: RUNS, model: RUNS[0] }, {}, 'a stage has replicates or a model, not both'],
    [{ replicates: ['http://', ...RUNS] }, {}, 'has no proper'],
    [{ replicates: RUNS }, { controls: { again: 'sft' } }, '"sft" has replicates'],
    [{}, {}, '"model" is missing'],
  ])('%j %j is told', (sft, more, message) => {
    expect(() => study(sft, more)).toThrow(DocumentError);
    expect(() => study(sft, more)).toThrow(message);
  });

  test('leave their names to themselves', () => {
    const taken = () =>
      defineStudy({
        ...{ name: 'mine', evals: ['refusals'] },
        stages: [
          { id: 'sft', kind: 'sft', replicates: RUNS },
          { id: 'sft-run-2', kind: 'sft', model: RUNS[0]! },
        ],
        raters: [{ id: 'string-match', kind: 'rule', rule: 'string-match' }],
      });
    expect(taken).toThrow('this run would be called "sft-run-2", as a stage is');
  });
});
