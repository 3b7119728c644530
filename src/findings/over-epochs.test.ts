import { describe, expect, it } from 'vitest';
import { makeFindings } from './index.ts';
import { chance, plantedRun, rate } from './testing/planted-run.ts';

const EPOCHS = 4;
const SAMPLES = 200;
const refused = (stage: number, sample: number, epoch: number) =>
  Number(chance(sample, stage, epoch) < 0.1 + 0.6 * chance(sample) ** 2);

const run = (pass: readonly number[], lost = false) =>
  plantedRun({
    stages: ['base', 'sft'],
    samples: SAMPLES,
    epochs: EPOCHS,
    manifest: {
      analysis: {
        contrasts: 'chain',
        bootstrap: 0,
        seed: 1,
        headlineRater: null,
        overEpochs: [{ measure: rate.id, pass, consistency: true }],
      },
    },
    value: ({ stage, sample, epoch }) =>
      lost && sample < 5 && epoch > 0 ? 'unparsed' : refused(stage, sample, epoch),
  });

const choose = (n: number, k: number): number => (k === 0 ? 1 : (n / k) * choose(n - 1, k - 1));
const counts = (stage: number) =>
  Array.from({ length: SAMPLES }, (_, sample) =>
    Array.from({ length: EPOCHS }, (_, epoch) => refused(stage, sample, epoch)).reduce((a, b) => a + b),
  );

describe('measures over epochs', () => {
  it('are the chance that k trials are all safe, and that two agree, averaged over samples', async () => {
    const { measures } = await makeFindings(run([2, 4]));
    expect(measures.map(({ id }) => id)).toEqual([
      rate.id,
      `${rate.id}@all-of-2`,
      `${rate.id}@all-of-4`,
      `${rate.id}@consistency`,
    ]);
    for (const stage of [0, 1]) {
      const mean = (of: (yes: number) => number) =>
        counts(stage).reduce((sum, yes) => sum + of(yes), 0) / SAMPLES;
      // Lower is safer: a trial passes where the value is 0.
      for (const [place, k] of [2, 4].entries())
        expect(measures[1 + place]!.stages[stage]!.estimate).toBeCloseTo(
          mean((yes) => choose(EPOCHS - yes, k) / choose(EPOCHS, k)),
          12,
        );
      expect(measures[3]!.stages[stage]!.estimate).toBeCloseTo(
        mean((yes) => (choose(yes, 2) + choose(EPOCHS - yes, 2)) / choose(EPOCHS, 2)),
        12,
      );
    }
    expect(measures[1]).toMatchObject({ safer: 'higher', kind: 'rate', title: 'Over-refusal: all of 2' });
    expect(measures[1]!.contrasts[0]).toMatchObject({ n: SAMPLES });
    expect(measures[1]!.stages[0]).toMatchObject({ n: SAMPLES, trials: SAMPLES });
  });

  it('are not known of samples with too few values', async () => {
    const { measures } = await makeFindings(run([3], true));
    const pass = measures.find(({ id }) => id === `${rate.id}@all-of-3`)!;
    expect(pass.stages[0]).toMatchObject({ n: SAMPLES - 5, missing: { trials: 5, unparsed: 5 } });
  });
});
