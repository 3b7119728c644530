import { describe, expect, it } from 'vitest';
import { makeFindings } from './index.ts';
import { type PlantedRun, plantedRun } from './testing/planted-run.ts';

async function compared(planted: Partial<PlantedRun>) {
  const { measures, warnings, answer } = await makeFindings(
    plantedRun({ stages: ['a', 'b'], samples: 50, value: ({ sample }) => sample % 2, ...planted }),
  );
  return { contrast: measures[0]!.contrasts[0]!, measures, warnings, answer };
}

describe('comparisons whose arms were not treated alike are refused', () => {
  it('other sampling settings', async () => {
    const { contrast, warnings, answer } = await compared({
      trial: ({ stage }) => ({ samplingDigest: `temperature ${stage}` }),
    });
    expect(contrast).toMatchObject({
      verdict: 'not compared',
      difference: null,
      interval: null,
      pEquivalence: null,
      n: 50,
      why: 'the sampling settings differ on all 50 shared samples',
    });
    expect(warnings).toEqual([
      'b and a are not compared on over-refusal: the sampling settings differ on all 50 shared samples.',
    ]);
    expect(answer).toBe("b and a can't be compared in over-refusal.");
  });

  it('samples whose text changed, by name', async () => {
    const { contrast } = await compared({
      trial: ({ stage, sample }) => (stage === 1 && sample < 4 ? { sampleDigest: 'new' } : {}),
    });
    expect(contrast.why).toBe(
      '4 of 50 shared samples are not the same in both (s000000, s000001, s000002, …)',
    );
  });

  it('another version of the rater', async () => {
    const { contrast } = await compared({
      rating: ({ stage, sample }) => (stage === 1 && sample < 10 ? { raterDigest: 'judge 2' } : {}),
    });
    expect(contrast.why).toBe('judge rated 10 of 50 shared samples in another version');
  });

  it('of a panel: another version of a member', async () => {
    const { measures } = await compared({
      raters: [
        {
          id: 'panel',
          kind: 'panel',
          panel: { members: ['x', 'y'], combine: 'median', excludeOwnFamily: false },
        },
        { id: 'x' },
        { id: 'y' },
      ],
      value: ({ rater, sample }) => (rater === 'panel' ? undefined : sample % 2),
      rating: ({ stage, rater }) => (stage === 1 && rater === 'y' ? { raterDigest: 'y 2' } : {}),
    });
    const verdicts = measures.map(({ rater, contrasts }) => [rater, contrasts[0]!.verdict]);
    expect(verdicts).toEqual([
      ['panel', 'not compared'],
      ['x', 'inconclusive'],
      ['y', 'not compared'],
    ]);
  });

  it('settings that changed between the epochs of one arm', async () => {
    const { contrast } = await compared({
      epochs: 2,
      trial: ({ stage, epoch }) => (stage === 1 && epoch === 1 ? { samplingDigest: 'other' } : {}),
    });
    expect(contrast.why).toContain('the sampling settings differ');
  });

  it('all that differs is named at once', async () => {
    const { contrast } = await compared({
      trial: ({ stage }) => ({ samplingDigest: `temperature ${stage}`, sampleDigest: `text ${stage}` }),
    });
    expect(contrast.why).toContain('; the sampling settings');
    expect(contrast.why).toContain('not the same in both');
  });

  it('but samples that one arm lacks are paired away, whatever they were', async () => {
    const { contrast } = await compared({
      value: ({ stage, sample }) => (stage === 1 && sample < 5 ? 'unparsed' : sample % 2),
      trial: ({ stage, sample }) => (stage === 1 && sample < 5 ? { sampleDigest: 'new' } : {}),
    });
    expect(contrast.verdict).not.toBe('not compared');
    expect(contrast.n).toBe(45);
  });

  it('shares of a chain with such a step are refused too', async () => {
    const { measures } = await compared({
      stages: ['a', 'b', 'c'],
      trial: ({ stage }) => ({ samplingDigest: stage === 2 ? 'other' : 'one' }),
    });
    expect(measures[0]!.shares).toMatchObject({
      identified: false,
      total: null,
      parts: [],
      why: 'between b and c, the sampling settings differ on all 50 shared samples',
    });
  });
});
