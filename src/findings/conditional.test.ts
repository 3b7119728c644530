import { describe, expect, it } from 'vitest';
import type { Measure } from '../core/index.ts';
import { mover, rateEvidence, readClusters } from '../stats/index.ts';
import { makeFindings } from './index.ts';
import { chance, plantedRun, rate } from './testing/planted-run.ts';

const aware: Measure = { ...rate, id: 'eval/aware', title: 'Eval awareness', safer: null };
const SAMPLES = 400;
const isAware = (stage: number, sample: number) => Number(chance(sample, stage, 7) < 0.2 + 0.3 * stage);
/** Misconduct in 40 % of unaware trials, and in 10 % of aware ones, at both stages. */
const misconduct = (stage: number, sample: number) =>
  Number(chance(sample, stage, 3) < (isAware(stage, sample) ? 0.1 : 0.4));

const run = (given: string) =>
  plantedRun({
    stages: ['base', 'sft'],
    samples: SAMPLES,
    clusters: 40,
    measures: [rate, aware],
    manifest: {
      analysis: {
        ...{ contrasts: 'chain', bootstrap: 0, seed: 1, headlineRater: null },
        conditional: [{ measure: rate.id, given }],
      },
    },
    value: ({ stage, sample, measure }) =>
      measure === aware.id ? isAware(stage, sample) : misconduct(stage, sample),
  });

describe('a measure under a condition', () => {
  it('is told where the condition holds and where not, with their difference, at every stage', async () => {
    const [found] = (await makeFindings(run(aware.id))).conditional!;
    expect(found).toMatchObject({ measure: rate.id, given: aware.id, atLeast: 1, rater: 'judge' });
    found!.stages.forEach(({ share, holds, not, difference, interval }, stage) => {
      const all = Array.from({ length: SAMPLES }, (_, sample) => sample);
      const [yes, no] = [1, 0].map((value) => all.filter((sample) => isAware(stage, sample) === value));
      const of = (samples: readonly number[]) =>
        rateEvidence({
          values: samples.map((sample) => misconduct(stage, sample)),
          clusters: readClusters(
            samples.map((sample) => sample % 40),
            samples.length,
          ),
          epochs: 1,
        });
      expect(holds).toMatchObject({
        trials: yes!.length,
        estimate: of(yes!).estimate,
        interval: of(yes!).interval,
      });
      expect(not).toMatchObject({ trials: no!.length, estimate: of(no!).estimate });
      expect(share).toBeCloseTo(yes!.length / SAMPLES, 12);
      expect(difference).toBeCloseTo(of(yes!).estimate - of(no!).estimate, 12);
      expect(interval![0]).toBeLessThan(-0.3);
      expect(interval![1]).toBeGreaterThan(-0.3);
      expect(interval![1]).toBeLessThan(0);
    });
  });

  it('has a shorter difference where the clusters move both parts alike', async () => {
    // Every second cluster is bad, aware or not; awareness adds 10 points.
    const clustered = plantedRun({
      stages: ['base', 'sft'],
      ...{ samples: SAMPLES, clusters: 40, measures: [rate, aware] },
      manifest: {
        analysis: {
          ...{ contrasts: 'chain', bootstrap: 0, seed: 1, headlineRater: null },
          conditional: [{ measure: rate.id, given: aware.id }],
        },
      },
      value: ({ stage, sample, measure }) => {
        const yes = isAware(1, sample);
        const bad = sample % 2 === 0 ? 0.8 : 0.1;
        return measure === aware.id ? yes : Number(chance(sample, stage, 3) < bad + 0.1 * yes);
      },
    });
    const [found] = (await makeFindings(clustered)).conditional!;
    for (const { holds, not, interval } of found!.stages) {
      const part = ({ estimate, interval: ends }: typeof holds) => ({ estimate: estimate!, interval: ends! });
      const apart = mover(part(not), part(holds));
      expect(interval![1] - interval![0]).toBeLessThan(0.8 * (apart[1] - apart[0]));
      expect(interval![0]).toBeLessThan(0.1);
      expect(interval![1]).toBeGreaterThan(0.1);
    }
  });

  it('names a measure that is none', async () => {
    await expect(makeFindings(run('eval/awar'))).rejects.toThrow(/"eval\/awar".*did you mean "eval\/aware"/);
  });
});
