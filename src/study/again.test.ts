import { describe, expect, test } from 'vitest';
import { DocumentError } from '../files/problems.ts';
import { defineStudy, planStudy } from './index.ts';
import { withSeed } from './stages.ts';

const study = (controls: object, sampling: object = {}) =>
  defineStudy({
    name: 'mine',
    stages: [
      { id: 'base', kind: 'pretrain', model: 'http://localhost:1/v1#base', title: 'Base' },
      { id: 'sft', kind: 'sft', model: 'http://localhost:1/v1#sft' },
    ],
    evals: ['refusals'],
    raters: [{ id: 'string-match', kind: 'rule', rule: 'string-match' }],
    controls,
    sampling,
  });

describe('controls.again', () => {
  test('is an arm of its own: the same checkpoint, no stage of training', () => {
    const { stages } = study({ again: 'base' });
    expect(stages.map(({ id, from, again }) => ({ id, from, again }))).toEqual([
      { id: 'base', from: null, again: undefined },
      { id: 'sft', from: 'base', again: undefined },
      { id: 'base-again', from: null, again: 'base' },
    ]);
    expect(stages[2]!.model).toEqual(stages[0]!.model);
    expect(stages[2]!.title).toBe('Base, again');
  });

  test('is planned for, and is in the manifest, so that a run can be told apart from one without', async () => {
    const [plain, twice] = await Promise.all([
      planStudy(study({})),
      planStudy(study({ again: ['base', 'sft'] })),
    ]);
    expect(twice.trials).toBe(2 * plain.trials);
    expect(twice.manifest.stages.map(({ again }) => again ?? null)).toEqual([null, null, 'base', 'sft']);
    expect(twice.manifest.digest).not.toBe(plain.manifest.digest);
    expect(twice.manifest.study!.stages).toHaveLength(2);
    expect(twice.manifest.study!.controls).toEqual({ again: ['base', 'sft'] });
  });

  test('under another load it has an id of its own, beside one from other seeds', async () => {
    const controls = { again: ['base', { stage: 'base', at_once: 1 }] };
    const { stages } = study(controls);
    expect(stages.slice(2).map(({ id, again, atOnce, title }) => ({ id, again, atOnce, title }))).toEqual([
      { id: 'base-again', again: 'base', atOnce: undefined, title: 'Base, again' },
      { id: 'base-at-once-1', again: 'base', atOnce: 1, title: 'Base, 1 at once' },
    ]);
    const { manifest } = await planStudy(study(controls));
    expect(manifest.study!.controls).toEqual(controls);
    expect(withSeed(study(controls), 7).stages.map(({ atOnce }) => atOnce)).toEqual([
      undefined,
      undefined,
      undefined,
      1,
    ]);
  });

  test('without a seed, another load shows nothing', () => {
    const again = { stage: 'base', at_once: 1 };
    expect(() => study({ again }, { seed: null })).toThrow('without a seed every answer is another one');
  });

  test('follows its stage into another seed', () => {
    const { stages, sampling } = withSeed(study({ again: 'base' }), 7);
    expect(sampling.seed).toBe(7);
    expect(stages.map(({ id }) => id)).toEqual(['base', 'sft', 'base-again']);
  });

  test.each([
    [{ again: 'bse' }, 'no stage is called "bse"'],
    [{ again: ['base', 'base'] }, '"base" is named twice'],
    [{ again: ['base', { stage: 'bse', at_once: 1 }] }, 'no stage is called "bse"'],
    [
      {
        again: [
          { stage: 'base', at_once: 2 },
          { stage: 'base', at_once: 2 },
        ],
      },
      '"base" is named twice',
    ],
    [{ again: { stage: 'base' } }, 'at_once'],
    [{ again: { stage: 'base', at_once: 0 } }, 'must be at least 1, not 0'],
    [{ agin: 'base' }, 'unknown key "agin"'],
  ])('%j is told', (controls, message) => {
    expect(() => study(controls)).toThrow(DocumentError);
    expect(() => study(controls)).toThrow(message);
  });
});
