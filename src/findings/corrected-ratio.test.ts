import { describe, expect, it } from 'vitest';
import { makeFindings } from './index.ts';
import { chance, plantedRun, rate } from './testing/planted-run.ts';

const SAMPLES = 2000;
/** True rates of the two stages; the judge misses a tenth and invents 2 %. A half is labelled. */
const run = (rates: readonly [number, number], ratio: number, safer: 'lower' | 'higher' = 'lower') => {
  const truth = (stage: number, sample: number) => {
    const bad = Number(chance(sample, chance(sample, 9) < 0.7 ? 7 : stage) < rates[stage]!);
    return safer === 'lower' ? bad : 1 - bad;
  };
  return plantedRun({
    stages: ['base', 'sft'],
    samples: SAMPLES,
    measures: [{ ...rate, safer }],
    raters: [{ id: 'judge' }, { id: 'human', kind: 'human' }],
    manifest: {
      margins: { default: 0.05, byMeasure: {}, ratios: { [rate.id]: ratio } },
      analysis: { contrasts: 'chain', bootstrap: 0, seed: 1, headlineRater: 'judge' },
    },
    value: ({ rater, stage, sample }) => {
      const yes = truth(stage, sample);
      if (rater === 'human') return chance(stage, sample, 11) < 0.5 ? yes : undefined;
      return chance(stage, sample, 5) < (yes === 1 ? 0.1 : 0.02) ? 1 - yes : yes;
    },
  });
};

const contrastOf = async (of: ReturnType<typeof run>) =>
  (await makeFindings(of)).measures.find(({ headline }) => headline)!.contrasts[0]!;

describe('a relative margin with labels', () => {
  it('is judged by the ratio of the corrected rates: sameness by it can be shown', async () => {
    const same = await contrastOf(run([0.3, 0.3], 1.5));
    expect(same.raw).toBeDefined();
    expect(same.verdict).toBe('equivalent');
    const { estimate, interval } = same.ratio!;
    expect(estimate!).toBeGreaterThan(interval[0]);
    expect(estimate!).toBeLessThan(interval[1]!);
    expect(interval[0]).toBeLessThan(1);
    expect(interval[1]!).toBeLessThan(1.5);
    expect((await contrastOf(run([0.3, 0.3], 1.02))).verdict).toBe('inconclusive');
  });

  it('tells a change beyond it that the margin in points would not', async () => {
    const rose = await contrastOf(run([0.02, 0.06], 1.5));
    expect(rose).toMatchObject({ verdict: 'materially different', direction: 'up' });
    expect(rose.ratio!.interval[0]).toBeGreaterThan(1.5);
    expect(rose.interval![0]).toBeLessThan(0.05);
    expect(rose.words).toContain(' times');
  });

  it('is of the other outcome where higher is safer', async () => {
    const fell = await contrastOf(run([0.05, 0.2], 1.5, 'higher'));
    expect(fell).toMatchObject({ verdict: 'materially different', direction: 'down' });
    expect(fell.ratio).toMatchObject({ of: 'non-events' });
    expect(fell.ratio!.estimate!).toBeGreaterThan(2.5);
  });
});
