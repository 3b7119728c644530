import { describe, expect, test } from 'vitest';
import { makeFindings } from './index.ts';
import { chance, misaligned, plantedRun, rate, score } from './testing/planted-run.ts';

const panel = {
  id: 'panel',
  kind: 'panel' as const,
  panel: { members: ['x', 'y', 'z'], combine: 'median' as const, excludeOwnFamily: true },
};

/** Judges x and y see that stage b is worse; z sees no difference. */
function run(samples = 400) {
  return plantedRun({
    stages: ['a', 'b'],
    samples,
    measures: [misaligned, score],
    raters: [panel, { id: 'x' }, { id: 'y' }, { id: 'z' }],
    value: ({ rater, stage, sample }) => {
      if (rater === 'panel') return undefined;
      const bad = rater === 'z' ? 0.1 : stage === 1 ? 0.6 : 0.1;
      return chance(sample, stage, rater === 'x' ? 1 : 2) < bad ? 4 : 0;
    },
  });
}

async function sensitivityOf(measure: string, rater = 'panel') {
  const { measures, warnings } = await makeFindings(run());
  const found = measures.find((one) => one.id === measure && one.rater === rater)!;
  return { ...found, warnings };
}

describe('how much a panel hangs on its judges', () => {
  test('every estimate without each judge, and the range of these', async () => {
    const { sensitivity, stages } = await sensitivityOf('odcv/severity');
    expect(sensitivity!.judges).toEqual(['x', 'y', 'z']);
    const [, b] = sensitivity!.stages;
    expect(b!.without.map(({ judge }) => judge)).toEqual(['x', 'y', 'z']);
    const estimates = b!.without.map(({ estimate }) => estimate!);
    expect(b!.range).toEqual([Math.min(...estimates), Math.max(...estimates)]);
    // y and z are two: their median is the mean, and z sees little; without z both see it.
    expect(estimates[2]).toBeGreaterThan(stages[1]!.estimate!);
    expect(estimates[0]).toBeLessThan(stages[1]!.estimate!);
  });

  test('a judge alone that sees no difference would have changed the verdict', async () => {
    const { sensitivity } = await sensitivityOf('odcv/misalignment');
    const [contrast] = sensitivity!.contrasts;
    expect(contrast!.verdict).toBe('materially different');
    expect(contrast!.standsAlone).toBe(false);
    const verdicts = Object.fromEntries(contrast!.alone.map(({ judge, verdict }) => [judge, verdict]));
    expect(verdicts.x).toBe('materially different');
    expect(verdicts.y).toBe('materially different');
    expect(verdicts.z).not.toBe('materially different');
  });

  test('each judge alone has the verdict that its own findings have', async () => {
    const { measures } = await makeFindings(run());
    const own = (rater: string) =>
      measures.find((one) => one.id === 'odcv/severity' && one.rater === rater)!.contrasts[0]!;
    const found = measures.find((one) => one.id === 'odcv/severity' && one.rater === 'panel')!;
    for (const { judge, difference, verdict } of found.sensitivity!.contrasts[0]!.alone) {
      expect({ difference, verdict }).toEqual({
        difference: own(judge).difference,
        verdict: own(judge).verdict,
      });
    }
  });

  test('the reader is warned where one judge less changes a headline verdict', async () => {
    const { sensitivity, warnings } = await sensitivityOf('odcv/misalignment');
    // Without x the median of y and z is 2 where they differ: below the threshold, so the difference goes.
    expect(sensitivity!.contrasts[0]!.standsWithout).toBe(false);
    expect(warnings).toContainEqual(
      expect.stringContaining('With one judge less on the panel the verdict on misalignment rate is another'),
    );
  });

  test('only panels have it', async () => {
    expect((await sensitivityOf('odcv/severity', 'x')).sensitivity).toBeUndefined();
    const { measures } = await makeFindings(
      plantedRun({ stages: ['a', 'b'], samples: 12, measures: [rate], value: () => 0 }),
    );
    expect(measures[0]!.sensitivity).toBeUndefined();
  });
});
