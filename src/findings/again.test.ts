import { describe, expect, test } from 'vitest';
import type { StageInfo } from '../core/index.ts';
import { makeFindings } from './index.ts';
import { chance, plantedRun, rate } from './testing/planted-run.ts';

const again: StageInfo = { id: 'base-again', kind: 'pretrain', from: null, model: null, again: 'base' };

/** Three stages of one chain, and the first once more. `shift` is what that arm differs by. */
function run(shift: number) {
  const level = [0.6, 0.3, 0.3, 0.6 + shift];
  return plantedRun({
    stages: ['base', 'sft', 'rl', again],
    samples: 600,
    measures: [rate],
    value: ({ stage, sample }) => (chance(stage, sample) < level[stage]! ? 1 : 0),
    manifest: { margins: { default: 0.1, byMeasure: {} } },
  });
}

describe('a checkpoint compared with itself', () => {
  test('stands apart: in no chain, no bar, no comparison of stages, no share', async () => {
    const findings = await makeFindings(run(0));
    expect(findings.stages.map(({ id }) => id)).toEqual(['base', 'sft', 'rl']);
    const [measure] = findings.measures;
    expect(measure!.stages.map(({ id }) => id)).toEqual(['base', 'sft', 'rl']);
    expect(measure!.contrasts.flatMap(({ from, to }) => [from, to])).not.toContain('base-again');
    expect(measure!.shares!.parts.map(({ to }) => to)).toEqual(['sft', 'rl']);
    expect(findings.answer).not.toContain('again');
  });

  test('comes out equivalent where nothing differs', async () => {
    const { again: found, measures } = await makeFindings(run(0));
    expect(measures[0]!.again!.map(({ from, to, verdict }) => [from, to, verdict])).toEqual([
      ['base', 'base-again', 'equivalent'],
    ]);
    expect(found).toMatchObject({ comparisons: 1, equivalent: 1, inconclusive: 0, different: 0, p: 1 });
    expect(found!.words).toContain('1 of 1 measure shown to be the same');
  });

  test('tells a difference, and how likely that many are', async () => {
    const { again: found } = await makeFindings(run(0.3));
    expect(found).toMatchObject({ comparisons: 1, equivalent: 0, different: 1 });
    expect(found!.p).toBeCloseTo(0.05, 12);
    expect(found!.words).toContain('found to differ by chance');
  });

  test('is shown only with the stage that it is of', async () => {
    const of = async (...stages: string[]) => (await makeFindings(run(0), { stages })).again;
    expect(await of('base', 'rl')).toBeDefined();
    expect(await of('sft', 'rl')).toBeUndefined();
  });

  test('a run without such an arm has no such findings', async () => {
    const findings = await makeFindings(plantedRun({ stages: ['base', 'sft'], samples: 12, value: () => 0 }));
    expect(findings.again).toBeUndefined();
    expect(findings.measures[0]!.again).toBeUndefined();
  });
});
