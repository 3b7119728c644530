import { describe, expect, test } from 'vitest';
import { DocumentError } from '../files/problems.ts';
import { defineStudy, planStudy } from './index.ts';

const study = (margins: object) =>
  defineStudy({
    name: 'mine',
    stages: [
      { id: 'base', kind: 'pretrain', model: 'http://localhost:1/v1#base' },
      { id: 'sft', kind: 'sft', model: 'http://localhost:1/v1#sft' },
    ],
    evals: ['refusals'],
    raters: [{ id: 'string-match', kind: 'rule', rule: 'string-match' }],
    margins,
  } as never);

const UNSAFE = 'refusals/unsafe-response';

describe('margins of a study', () => {
  test('are points, a ratio, or both, and are in the manifest', async () => {
    const { manifest } = await planStudy(
      study({ default: 0.04, [UNSAFE]: { points: 0.02, ratio: 2 }, 'refusals/over-refusal': { ratio: 3 } }),
    );
    expect(manifest.margins).toEqual({
      default: 0.04,
      byMeasure: { [UNSAFE]: 0.02 },
      ratios: { [UNSAFE]: 2, 'refusals/over-refusal': 3 },
    });
    expect(manifest.study!.margins).toEqual({
      default: 0.04,
      [UNSAFE]: { points: 0.02, ratio: 2 },
      'refusals/over-refusal': { ratio: 3 },
    });
  });

  test('another ratio is another study', async () => {
    const digest = async (ratio: number) => (await planStudy(study({ [UNSAFE]: { ratio } }))).manifest.digest;
    expect(await digest(2)).not.toBe(await digest(3));
    expect((await planStudy(study({ [UNSAFE]: 0.02 }))).manifest.margins).not.toHaveProperty('ratios');
  });

  test.each([
    [{ [UNSAFE]: { ratio: 1 } }, 'must be more than 1'],
    [{ [UNSAFE]: { ratio: 2, pionts: 0.1 } }, 'pionts'],
    [{ [UNSAFE]: { points: 2 } }, 'spans the whole range'],
  ])('%j is told', async (margins, message) => {
    const told = async () => planStudy(study(margins));
    await expect(told()).rejects.toThrow(DocumentError);
    await expect(told()).rejects.toThrow(message.split('.').at(-1)!);
  });
});
