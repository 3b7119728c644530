import { describe, expect, it } from 'vitest';
import { carriedAtLeast, sharesOf, stageChanges } from '../stats/index.ts';
import { makeFindings } from './index.ts';
import { chance, type PlantedRun, plantedRun } from './testing/planted-run.ts';

const value = (stage: number, sample: number) => Number(chance(sample) < [0.6, 0.2, 0.15][stage]!);

async function shares(planted: Partial<PlantedRun> = {}, stages?: string[]) {
  const { measures } = await makeFindings(
    plantedRun({
      stages: ['pretrain', 'sft', 'production'],
      samples: 200,
      clusters: 40,
      value: ({ stage, sample }) => value(stage, sample),
      ...planted,
    }),
    stages === undefined ? {} : { stages },
  );
  return measures[0]!.shares;
}

describe('shares along the chain', () => {
  it("are the chain's steps, on shared samples, with Fieller intervals and the ratio-free test", async () => {
    const found = await shares();
    const stages = [0, 1, 2].map((stage) => Array.from({ length: 200 }, (_, sample) => value(stage, sample)));
    const clusters = stages[0]!.map((_, sample) => sample % 40);
    const changes = stageChanges(stages, clusters);
    const { total, steps } = sharesOf(changes);
    expect(found).toMatchObject({
      from: 'pretrain',
      to: 'production',
      n: 200,
      clusters: 40,
      total: total.change,
      totalInterval: total.interval,
      identified: true,
    });
    found!.parts.forEach((part, i) => {
      const set = steps[i]!.fieller!;
      const { p, pTotal } = carriedAtLeast(changes, i, 0.5);
      expect(part).toEqual({
        from: ['pretrain', 'sft'][i],
        to: ['sft', 'production'][i],
        change: steps[i]!.change,
        changeInterval: steps[i]!.interval,
        share: steps[i]!.share,
        interval: set.kind === 'bounded' ? set.interval : null,
        carried: { atLeast: 0.5, p: Math.max(p!, pTotal!) },
      });
    });
    expect(found!.parts[0]!.carried.p).toBeLessThan(0.001);
    expect(found!.parts[1]!.carried.p).toBeGreaterThan(0.999);
  });

  it('keep signs: a step back has a negative share, the other more than all', async () => {
    const back = (stage: number, sample: number) => Number(chance(sample) < [0.6, 0.1, 0.2][stage]!);
    const found = await shares({ value: ({ stage, sample }) => back(stage, sample) });
    expect(found!.parts[0]!.share).toBeGreaterThan(1);
    expect(found!.parts[1]!.share).toBeLessThan(0);
  });

  it('are not identified where the total is within the margin', async () => {
    const found = await shares({ value: ({ stage, sample }) => Number(sample % 100 < [3, 2, 1][stage]!) });
    expect(found).toMatchObject({ identified: false, total: -0.02 });
    expect(found!.why).toContain('within the margin of ±5 points');
    expect(found!.parts.map(({ share, interval }) => [share, interval])).toEqual([
      [null, null],
      [null, null],
    ]);
    expect(found!.parts[0]!.change).toBeCloseTo(-0.01, 12);
  });

  it('are not identified where the total itself is too unsure', async () => {
    const found = await shares({
      samples: 40,
      value: ({ stage, sample }) => Number(chance(sample, stage) < [0.8, 0.6, 0.5][stage]!),
    });
    expect(found).toMatchObject({ identified: false });
    expect(found!.why).toContain('too uncertain to be divided');
  });

  it('are not identified with too few clusters', async () => {
    const found = await shares({ clusters: 9 });
    expect(found).toMatchObject({ identified: false, clusters: 9 });
    expect(found!.why).toContain('9 clusters');
    expect((await shares({ clusters: 1 }))?.parts).toEqual([]);
  });

  it('need a value in every stage', async () => {
    const found = await shares({
      value: ({ stage, sample }) => (sample === 10 * stage ? 'unparsed' : value(stage, sample)),
    });
    expect(found!.n).toBe(197);
    expect(
      await shares({ value: ({ stage, sample }) => (sample % 3 === stage ? undefined : 1) }),
    ).toMatchObject({
      n: 0,
      total: null,
      why: 'no sample has a value in every stage',
    });
  });

  it('need a chain of three', async () => {
    expect(await shares({ stages: ['base', 'sft'] })).toBeUndefined();
    const apart = ['a', 'b', 'c'].map((id) => ({ id, from: null }));
    expect(await shares({ stages: apart })).toBeUndefined();
    const four = {
      stages: ['a', 'b', 'c', 'd'],
      value: ({ stage, sample }: { stage: number; sample: number }) => value(Math.min(2, stage), sample),
    };
    expect((await shares(four, ['d', 'a', 'c']))!.parts.map(({ from, to }) => [from, to])).toEqual([
      ['a', 'c'],
      ['c', 'd'],
    ]);
    expect(await shares(four, ['a', 'd'])).toBeUndefined();
  });
});
