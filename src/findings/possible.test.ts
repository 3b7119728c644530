import { describe, expect, it } from 'vitest';
import type { Interval, MeasureFindings } from './findings.ts';
import { makeFindings } from './index.ts';
import { differenceRange, errorDifferenceRange, possible, possibleInterval } from './possible.ts';
import { type PlantedRun, plantedRun, rate, score } from './testing/planted-run.ts';

const SAMPLES = 120;

/** Refused by nearly none, and after the last stage by nearly all, unless a value says otherwise. */
async function nearlyAll(planted: Partial<PlantedRun>): Promise<MeasureFindings> {
  const run = plantedRun({ stages: ['a', 'b'], samples: SAMPLES, value: rises, ...planted });
  const { measures } = await makeFindings(run, { rater: 'judge' });
  return measures.find(({ rater }) => rater === 'judge')!;
}

const rises: PlantedRun['value'] = ({ stage, sample }) => Number(stage > 0 && sample > 1);

/** Sixty labelled; the judge is wrong of six of them, in one stage. */
const labelled: Partial<PlantedRun> = {
  raters: [{ id: 'judge' }, { id: 'human', kind: 'human' }],
  value: (at) => {
    if (at.rater === 'human' && at.sample >= 60) return undefined;
    const missed = at.rater === 'judge' && at.stage === 1 && at.sample % 10 === 5;
    return missed ? 0 : Number(at.stage > 0);
  },
};

describe('what a difference can be', () => {
  it('is as wide as the range, either way; that of errors twice', () => {
    expect(differenceRange({ range: [1, 5] })).toEqual([-4, 4]);
    expect(errorDifferenceRange({ range: [1, 5] })).toEqual([-8, 8]);
    expect(possible(-4.2, [-4, 4])).toBe(-4);
    expect(possibleInterval([-3, 4.1], [-4, 4])).toEqual([-3, 4]);
  });

  it.each([
    ['rate', rate, 1],
    ['score', { ...score, range: [0, 5] as const }, 5],
  ])('bounds the intervals of a %s', async (_, measure, top) => {
    const found = await nearlyAll({ measures: [measure], value: (at) => top * Number(rises(at)) });
    const [contrast] = found.contrasts;
    expect(contrast).toMatchObject({ difference: (top * 118) / 120, verdict: 'materially different' });
    expect(contrast!.interval![1]).toBeLessThanOrEqual(top);
    expect(contrast!.interval90![1]).toBeLessThanOrEqual(top);
    expect(contrast!.smallestMargin).toBe(contrast!.interval90![1]);
  });

  it('bounds changes along a chain, and shares are what they were', async () => {
    const { shares } = await nearlyAll({ stages: ['a', 'b', 'c'] });
    expect(shares!.totalInterval![1]).toBe(1);
    expect(shares!.parts[0]!.changeInterval[1]).toBe(1);
    expect(shares!.parts[0]!.share).toBe(1);
  });

  it('bounds corrected differences and changes', async () => {
    const { corrected } = await nearlyAll({ stages: ['a', 'b', 'c'], ...labelled });
    const [difference] = corrected!.contrasts;
    expect(difference!.verdict).toBe('materially different');
    expect(difference!.interval![1]).toBe(1);
    const { shares } = corrected!;
    const told: [number, Interval][] = [
      [difference!.difference!, difference!.interval!],
      [shares!.total!, shares!.totalInterval!],
      ...shares!.parts.map(({ change, changeInterval }): [number, Interval] => [change, changeInterval]),
    ];
    for (const [estimate, [lower, upper]] of told) {
      expect(lower).toBeGreaterThanOrEqual(-1);
      expect(estimate).toBeGreaterThanOrEqual(lower);
      expect(estimate).toBeLessThanOrEqual(upper);
      expect(upper).toBeLessThanOrEqual(1);
    }
    expect(shares!.totalInterval![1]).toBe(1);
  });
});
