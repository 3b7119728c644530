import { describe, expect, it } from 'vitest';
import { smallestProvableMargin } from '../../stats/index.ts';
import { defineStudy } from '../define.ts';
import { surveySamples } from '../samples.ts';
import type { StudyInput } from '../schema.ts';
import { fakeEval, sample } from '../testing/fake-eval.ts';
import { smallStudy } from '../testing/small-study.ts';
import { planStudy } from './plan.ts';
import { type MeasurePower, studyPower } from './power.ts';

/** The power of a study whose measures each have this many samples in this many clusters. */
async function power(
  { samples, clusters, epochs = 1 }: { samples: number; clusters: number; epochs?: number },
  changes: Partial<StudyInput> = {},
): Promise<Record<string, MeasurePower>> {
  const all = Array.from({ length: samples }, (_, i) =>
    sample(`${i}`, { cluster: `${i % clusters}`, metadata: { first: true } }),
  );
  const entry = { ...fakeEval(all), epochs };
  const study = { ...defineStudy({ ...smallStudy, ...changes }), evals: [entry] };
  const lines = studyPower(study, [await surveySamples(entry)]);
  return Object.fromEntries(lines.map((line) => [line.measure, line]));
}

describe('studyPower', () => {
  it('gives the smallest margin that statistics say is provable', async () => {
    const { 'fake/first': first } = await power({ samples: 200, clusters: 50, epochs: 2 });
    const design = { samples: 200, clusters: 50, epochs: 2 };
    expect(first).toMatchObject({
      ...design,
      margin: 0.05,
      smallestMargin: smallestProvableMargin({ ...design, rate: 0.1 }),
    });
    expect(first!.byRate).toEqual(
      [0, 0.02, 0.1, 0.5].map((rate) => ({
        rate,
        smallestMargin: smallestProvableMargin({ ...design, rate }),
      })),
    );
  });

  it('gives it in the unit of a score', async () => {
    const { 'fake/both': both, 'fake/first': first } = await power({ samples: 200, clusters: 50 });
    expect(both!.smallestMargin).toBeCloseTo(5 * first!.smallestMargin!, 12);
    expect(both!.byRate).toEqual([]);
  });

  it('says what would make the declared margin provable, and that would', async () => {
    const { 'fake/first': first } = await power(
      { samples: 200, clusters: 50 },
      { margins: { default: 0.07 } },
    );
    expect(first!.provable).toBe(false);
    const { clusters, samples, epochs } = first!.needs!;
    for (const design of [
      { samples: 200 * (clusters! / 50), clusters: clusters! },
      { samples: samples!, clusters: 50 },
      { samples: 200, clusters: 50, epochs: epochs! },
    ]) {
      expect(smallestProvableMargin({ ...design, rate: 0.1 })).toBeLessThanOrEqual(0.07);
    }
    expect(
      smallestProvableMargin({
        samples: Math.round(200 * ((clusters! - 1) / 50)),
        clusters: clusters! - 1,
        rate: 0.1,
      }),
    ).toBeGreaterThan(0.07);
    expect(smallestProvableMargin({ samples: samples! - 1, clusters: 50, rate: 0.1 })).toBeGreaterThan(0.07);
    expect(
      smallestProvableMargin({ samples: 200, clusters: 50, epochs: epochs! - 1, rate: 0.1 }),
    ).toBeGreaterThan(0.07);
  });

  it('says where more of one kind would never do', async () => {
    const { 'fake/first': first } = await power(
      { samples: 100, clusters: 12 },
      { margins: { default: 0.02 } },
    );
    expect(first!.needs).toMatchObject({ samples: null, epochs: null });
    expect(first!.needs!.clusters).toBeGreaterThan(100);
  });

  it('needs nothing where the margin is provable', async () => {
    const { 'fake/first': first } = await power(
      { samples: 2000, clusters: 500 },
      { margins: { 'refusals/over-refusal': 0.01 } },
    );
    expect(first).toMatchObject({ provable: true, needs: null });
  });

  it('takes a measure’s own margin', async () => {
    const study = defineStudy({ ...smallStudy, margins: { default: 0.04, 'refusals/over-refusal': 0.2 } });
    const { power: lines } = await planStudy(study);
    expect(lines.map(({ measure, margin, provable }) => [measure, margin, provable])).toEqual([
      ['refusals/over-refusal', 0.2, true],
      ['refusals/unsafe-response', 0.04, false],
    ]);
    expect(lines[0]).toMatchObject({ samples: 168, clusters: 42 });
  });

  it('counts greedy epochs for one', async () => {
    const greedy = { sampling: { temperature: 0 } };
    const { 'fake/first': once } = await power({ samples: 200, clusters: 50 }, greedy);
    const { 'fake/first': often } = await power({ samples: 200, clusters: 50, epochs: 10 }, greedy);
    expect(often!.smallestMargin).toBe(once!.smallestMargin);
    expect(often!.assumptions.repeatability).toBe(1);
  });

  it('shows nothing with one cluster, or no samples', async () => {
    const { 'fake/first': one } = await power({ samples: 50, clusters: 1 });
    expect(one).toMatchObject({ smallestMargin: null, provable: false });
    expect(one!.needs!.clusters).toBeGreaterThan(1);
    const entry = fakeEval([sample('a')]);
    const study = { ...defineStudy(smallStudy), evals: [entry] };
    const [none] = studyPower(study, [await surveySamples(entry)]);
    expect(none).toMatchObject({ measure: 'fake/first', samples: 0, smallestMargin: null, needs: null });
  });
});
