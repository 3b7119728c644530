import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flippedSamples } from './flipped.ts';
import { makeFindings } from './index.ts';
import { chance, plantedRun, rate } from './testing/planted-run.ts';

const values = (from: readonly number[], to: readonly number[]) => ({
  samples: from.map((_, i) => `s${i}`),
  clusters: from.map((_, i) => `c${i % 2}`),
  from,
  to,
});

describe('flipped samples', () => {
  it('are those that changed, the worst first by what is safer', () => {
    const pair = values([0, 1, 0, 0.5, Number.NaN, 1], [1, 0, 0, 1, 1, 0.5]);
    expect(flippedSamples(pair, 'lower').map(({ sample }) => sample)).toEqual(['s0', 's3', 's5', 's1']);
    expect(flippedSamples(pair, 'higher').map(({ sample }) => sample)).toEqual(['s1', 's5', 's3', 's0']);
    expect(flippedSamples(pair, null).map(({ sample }) => sample)).toEqual(['s0', 's1', 's3', 's5']);
    expect(flippedSamples(pair, 'lower')[1]).toEqual({
      ...{ sample: 's3', cluster: 'c1', from: 0.5, to: 1, change: 0.5 },
    });
  });

  it('of nothing are none', () => {
    expect(flippedSamples(values([], []), 'lower')).toEqual([]);
    expect(flippedSamples(values([1, 0], [1, 0]), 'lower')).toEqual([]);
  });

  it('sum to the whole change, whatever the values', () => {
    const pairs = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 })));
    fc.assert(
      fc.property(pairs, fc.constantFrom('lower' as const, 'higher' as const, null), (all, safer) => {
        const found = flippedSamples(
          values(
            all.map(([a]) => a),
            all.map(([, b]) => b),
          ),
          safer,
        );
        const sum = found.reduce((total, { change }) => total + change, 0);
        expect(sum).toBe(all.reduce((total, [a, b]) => total + b - a, 0));
        expect(found).toHaveLength(all.filter(([a, b]) => a !== b).length);
      }),
    );
  });
});

describe('flipped samples in findings', () => {
  const run = () =>
    plantedRun({
      stages: ['base', 'sft'],
      samples: 400,
      clusters: 40,
      raters: [{ id: 'judge' }, { id: 'other' }],
      value: ({ stage, sample, rater }) => Number(chance(sample, stage, rater.length) < 0.3 + 0.2 * stage),
    });

  it('are listed for every contrast of the headline measures, the first hundred', async () => {
    const [judge, other] = (await makeFindings(run())).measures;
    const [flipped] = judge!.flipped!;
    const { up, down } = judge!.contrasts[0]!.changed!;
    expect(flipped).toMatchObject({ from: 'base', to: 'sft', up, down });
    expect(flipped!.samples).toHaveLength(100);
    expect(flipped!.samples[0]!.change).toBe(1);
    expect(flipped!.samples[0]!.cluster).toMatch(/^c\d+$/);
    expect(other).not.toHaveProperty('flipped');
  });

  it('are all listed of a measure that is asked for', async () => {
    const { measures } = await makeFindings(run(), { flipped: rate.id });
    const [flipped] = measures[0]!.flipped!;
    expect(flipped!.samples).toHaveLength(flipped!.up + flipped!.down);
    await expect(makeFindings(run(), { flipped: 'over-refusl' })).rejects.toThrow(
      /no measure "over-refusl"; did you mean/,
    );
  });
});
