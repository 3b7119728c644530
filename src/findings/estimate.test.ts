import { describe, expect, it } from 'vitest';
import { clusterBootstrap, clusteredScore, rateEvidence, readClusters } from '../stats/index.ts';
import { makeFindings } from './index.ts';
import { chance, plantedRun, rate, score } from './testing/planted-run.ts';

describe('estimates', () => {
  it('of a rate count clusters, epochs being averaged first', async () => {
    const value = (sample: number, epoch: number) =>
      Number(chance(sample % 12, 1) * 0.5 + chance(sample, epoch) * 0.5 < 0.3);
    const { measures } = await makeFindings(
      plantedRun({
        stages: ['a', 'b'],
        samples: 60,
        clusters: 12,
        epochs: 3,
        value: ({ sample, epoch }) => value(sample, epoch),
      }),
    );
    const means = Array.from(
      { length: 60 },
      (_, sample) => (value(sample, 0) + value(sample, 1) + value(sample, 2)) / 3,
    );
    const expected = rateEvidence({
      values: means,
      clusters: readClusters(
        means.map((_, sample) => sample % 12),
        60,
      ),
      epochs: 3,
    });
    expect(measures[0]!.stages[0]).toMatchObject({
      n: 60,
      clusters: 12,
      trials: 180,
      events: Math.round(3 * 60 * expected.estimate),
      estimate: expected.estimate,
      interval: expected.interval,
      standardError: expected.standardError,
      degreesOfFreedom: expected.df,
      effectiveN: expected.nEff,
      atMost: expected.kornGraubard![1],
    });
  });

  it('of a score are means within its range', async () => {
    const value = (sample: number) => Math.floor(chance(sample) * 6);
    const { measures } = await makeFindings(
      plantedRun({
        stages: ['a', 'b'],
        samples: 40,
        clusters: 20,
        measures: [score],
        value: ({ sample }) => value(sample),
      }),
    );
    const values = Array.from({ length: 40 }, (_, sample) => value(sample));
    const expected = clusteredScore(
      values,
      values.map((_, sample) => sample % 20),
      [0, 5],
    );
    const [stage] = measures[0]!.stages;
    expect(stage).toMatchObject({ estimate: expected.estimate, interval: expected.interval });
    expect(stage).not.toHaveProperty('events');
    expect(stage).not.toHaveProperty('atMost');
  });

  it.each([
    ['a rate', rate, 0],
    ['a score', score, 0],
  ] as const)('of %s that never varies still have a width', async (_, measure, constant) => {
    const { measures } = await makeFindings(
      plantedRun({
        stages: ['a', 'b'],
        samples: 50,
        clusters: 25,
        measures: [measure],
        value: () => constant,
      }),
    );
    const [low, high] = measures[0]!.stages[0]!.interval!;
    expect(low).toBe(measure.range[0]);
    // Nothing of 50 samples in clusters of two: about 4/50 of the range.
    expect(high / (measure.range[1] - measure.range[0])).toBeGreaterThan(0.08);
  });

  it('from one cluster have no interval, and it says why', async () => {
    const { measures } = await makeFindings(
      plantedRun({
        stages: ['a', 'b'],
        samples: 9,
        clusters: 1,
        measures: [rate, score],
        value: ({ sample }) => sample % 2,
      }),
    );
    for (const { stages } of measures) {
      expect(stages[0]).toMatchObject({ estimate: 4 / 9, interval: null, standardError: null });
      expect(stages[0]!.why).toContain('one cluster');
    }
  });

  it('come with a cluster bootstrap where the analysis, or the caller, asks for one', async () => {
    const planted = (bootstrap: number) =>
      plantedRun({
        stages: ['a', 'b'],
        samples: 60,
        clusters: 30,
        manifest: { analysis: { contrasts: 'chain', bootstrap, seed: 7, headlineRater: null } },
        value: ({ sample, stage }) => Number(chance(sample, stage) < 0.4),
      });
    const values = Array.from({ length: 60 }, (_, sample) => Number(chance(sample, 0) < 0.4));
    const clusters = values.map((_, sample) => sample % 30);
    const expected = clusterBootstrap(values, clusters, { resamples: 500, seed: 7 });
    const asked = (await makeFindings(planted(0), { bootstrap: 500 })).measures[0]!.stages[0]!;
    expect(asked.bootstrap).toEqual({ interval: expected.interval, resamples: 500 });
    expect((await makeFindings(planted(500))).measures[0]!.stages[0]).toEqual(asked);
    expect((await makeFindings(planted(0))).measures[0]!.stages[0]).not.toHaveProperty('bootstrap');
    expect((await makeFindings(planted(500), { bootstrap: 0 })).measures[0]!.stages[0]).not.toHaveProperty(
      'bootstrap',
    );
  });
});
