import { describe, expect, it } from 'vitest';
import { pairedDifference, rateEvidence, readClusters } from '../stats/index.ts';
import { makeFindings } from './index.ts';
import { chance, plantedRun } from './testing/planted-run.ts';

const SAMPLES = 400;
const CLUSTERS = 40;
const STEPS = [100, 200, 400, 800];
/** Rises with the steps: 20 % at the first, 50 % at the last. */
const value = (stage: number, sample: number) =>
  Number(chance(sample) * 0.8 + chance(sample, stage) * 0.2 < 0.2 + (0.3 * (STEPS[stage]! - 100)) / 700);

const stages = STEPS.map((step, i) => ({
  id: `rl-${step}`,
  kind: 'rl',
  step,
  from: i === 0 ? null : `rl-${STEPS[i - 1]}`,
}));

// In the order of their names the last checkpoint is not the last listed.
const stepsOf = async (of: readonly (typeof stages)[number][]) => {
  const run = plantedRun({
    stages: of,
    samples: SAMPLES,
    clusters: CLUSTERS,
    value: ({ stage, sample }) => value(STEPS.indexOf(of[stage]!.step), sample),
  });
  return (await makeFindings(run)).measures[0]!.steps;
};

describe('checkpoints of one kind of training', () => {
  it('make a curve with a band that holds at all of them at once, in the order of their steps', async () => {
    const [found] = (await stepsOf([stages[2]!, stages[0]!, stages[3]!, stages[1]!]))!;
    expect(found!.kind).toBe('rl');
    expect(found!.points.map(({ step }) => step)).toEqual(STEPS);
    found!.points.forEach(({ estimate, band }, k) => {
      const values = Array.from({ length: SAMPLES }, (_, sample) => value(k, sample));
      const labels = values.map((_, sample) => sample % CLUSTERS);
      const sample = { values, clusters: readClusters(labels, SAMPLES), epochs: 1 };
      const wide = rateEvidence(sample, 1 - 0.05 / 4);
      expect(estimate).toBeCloseTo(wide.estimate, 12);
      expect(band![0]).toBeCloseTo(wide.interval![0], 12);
      expect(band![0]).toBeLessThan(rateEvidence(sample).interval![0]);
    });
  });

  it('have a trend, which is that of a line through the samples, and shares of the stretches', async () => {
    const [found] = (await stepsOf(stages))!;
    const center = STEPS.reduce((a, b) => a + b) / 4;
    const squares = STEPS.reduce((sum, step) => sum + (step - center) ** 2, 0);
    const d = Float64Array.from({ length: SAMPLES }, (_, sample) =>
      STEPS.reduce((sum, step, k) => sum + ((step - center) / squares) * 700 * value(k, sample), 0),
    );
    const line = pairedDifference(
      d,
      Int32Array.from(d, (_, sample) => sample % CLUSTERS),
      0.95,
      1,
    );
    expect(found!.trend).toMatchObject({ n: SAMPLES, clusters: CLUSTERS, p: line.p });
    expect(found!.trend!.change).toBeCloseTo(line.mean, 12);
    expect(found!.trend!.p).toBeLessThan(1e-6);
    expect(found!.shares!.parts.map(({ to }) => to)).toEqual(['rl-200', 'rl-400', 'rl-800']);
    expect(found!.shares!.parts.reduce((sum, { share }) => sum + share!, 0)).toBeCloseTo(1, 12);
  });

  it('are no curve with fewer than three, or with one step twice', async () => {
    expect(await stepsOf(stages.slice(0, 2))).toBeUndefined();
    expect(await stepsOf([stages[0]!, stages[1]!, { ...stages[2]!, step: 200 }])).toBeUndefined();
  });
});
