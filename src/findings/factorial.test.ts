import { describe, expect, it } from 'vitest';
import { pairedDifference, shapley } from '../stats/index.ts';
import { makeFindings } from './index.ts';
import { chance, plantedRun } from './testing/planted-run.ts';

const stages = (factors: readonly Readonly<Record<string, string>>[]) =>
  factors.map((one, i) => ({
    id: `s${i}`,
    from: null,
    factors: one,
  }));

/** Base and prompts, each old or new; the prompts raise the rate by 30 points, the base does nothing. */
const TWO_BY_TWO = stages([
  { base: 'old', prompts: 'old' },
  { base: 'new', prompts: 'old' },
  { base: 'old', prompts: 'new' },
  { base: 'new', prompts: 'new' },
]);
const SAMPLES = 600;
const CLUSTERS = 60;
const value = (stage: number, sample: number) =>
  Number(chance(sample) * 0.85 + chance(sample, stage) * 0.15 < (stage >= 2 ? 0.6 : 0.3));

async function found(run: Parameters<typeof plantedRun>[0]) {
  return (await makeFindings(plantedRun(run))).measures[0]!.factorial;
}

const planted = {
  stages: TWO_BY_TWO,
  samples: SAMPLES,
  clusters: CLUSTERS,
  value: ({ stage, sample }: { stage: number; sample: number }) => value(stage, sample),
};

describe('effects of factors', () => {
  it('are main effects with verdicts: what moves it, and what does not', async () => {
    const factorial = (await found(planted))!;
    const means = [0, 1, 2, 3].map(
      (stage) => Array.from({ length: SAMPLES }, (_, s) => value(stage, s)).reduce((a, b) => a + b) / SAMPLES,
    );
    expect(factorial.factors).toEqual([
      { name: 'base', levels: ['old', 'new'] },
      { name: 'prompts', levels: ['old', 'new'] },
    ]);
    const [neither, baseOnly, promptsOnly, both] = means as [number, number, number, number];
    const base = (baseOnly - neither + both - promptsOnly) / 2;
    const prompts = (promptsOnly - neither + both - baseOnly) / 2;
    expect(factorial.effects.map(({ factor }) => factor)).toEqual(['base', 'prompts']);
    expect(factorial.effects[0]!.difference).toBeCloseTo(base, 12);
    expect(factorial.effects[1]!.difference).toBeCloseTo(prompts, 12);
    expect(factorial.effects[0]).toMatchObject({ verdict: 'equivalent' });
    expect(factorial.effects[0]!.words).toMatch(
      /^base: new in place of old does not move it by more than ±5 points: /,
    );
    expect(factorial.effects[1]).toMatchObject({ verdict: 'materially different', from: 'old', to: 'new' });
    expect(factorial.effects[1]!.words).toMatch(
      /^prompts: new in place of old moves it by \+\d+\.\d points \[/,
    );
    expect(factorial).toMatchObject({ n: SAMPLES, clusters: CLUSTERS });
  });

  it('have interactions and Shapley shares, paired and clustered', async () => {
    const factorial = (await found(planted))!;
    const d = Float64Array.from(
      { length: SAMPLES },
      (_, s) => value(3, s) - value(1, s) - value(2, s) + value(0, s),
    );
    const paired = pairedDifference(
      d,
      Int32Array.from(d, (_, s) => s % CLUSTERS),
      0.95,
      2,
    );
    expect(factorial.interactions).toEqual([
      {
        factors: ['base', 'prompts'],
        levels: ['new', 'new'],
        estimate: paired.mean,
        interval: paired.interval,
        p: paired.p,
      },
    ]);
    const means = [0, 1, 2, 3].map(
      (stage) => Array.from({ length: SAMPLES }, (_, s) => value(stage, s)).reduce((a, b) => a + b) / SAMPLES,
    );
    const { parts, total, identified } = factorial.shapley!;
    expect(identified).toBe(true);
    shapley(means).forEach((change, i) => {
      expect(parts[i]!.change).toBeCloseTo(change, 12);
      expect(parts[i]!.share).toBeCloseTo(change / total, 12);
    });
    expect(parts.reduce((sum, { share }) => sum + share!, 0)).toBeCloseTo(1, 12);
  });

  it('tell that swapping moves it and dropping does not', async () => {
    const factorial = await found({
      ...planted,
      stages: stages([{ safety: 'kept' }, { safety: 'dropped' }, { safety: 'swapped' }]),
      value: ({ stage, sample }) =>
        Number(chance(sample) * 0.9 + chance(sample, stage) * 0.1 < (stage === 2 ? 0.6 : 0.3)),
    });
    expect(factorial!.effects.map(({ words }) => words.split(' by ')[0])).toEqual([
      'safety: dropped in place of kept does not move it',
      'safety: swapped in place of kept moves it',
    ]);
    expect(factorial).not.toHaveProperty('shapley');
  });

  it('count the training runs of a stage that has several', async () => {
    // The runs differ by up to 8 points, whatever the factors are.
    const runs = TWO_BY_TWO.flatMap((stage) => [
      stage,
      ...['b', 'c'].map((run) => ({ ...stage, id: `${stage.id}${run}`, replicateOf: stage.id })),
    ]);
    const off = [0, 0.08, -0.08, 0.06, 0, -0.06, -0.08, 0.02, 0.08, 0.04, -0.08, 0.02];
    const value = (spread: number) => (at: { stage: number; sample: number }) => {
      const mean = (at.stage >= 6 ? 0.6 : 0.3) + spread * off[at.stage]!;
      return Number(chance(at.sample) * 0.85 + chance(at.sample, at.stage) * 0.15 < mean);
    };
    const apart = (await found({ ...planted, stages: runs, value: value(1) }))!;
    const alike = (await found({ ...planted, stages: runs, value: value(0) }))!;
    const width = (interval: readonly [number, number] | null) => interval![1] - interval![0];
    expect(apart.effects).toHaveLength(2);
    expect(width(apart.effects[0]!.interval)).toBeGreaterThan(3 * width(alike.effects[0]!.interval));
    expect(apart.effects[0]!.verdict).toBe('inconclusive');
    expect(alike.effects[0]!.verdict).toBe('equivalent');
    expect(width(apart.interactions[0]!.interval)).toBeGreaterThan(
      2 * width(alike.interactions[0]!.interval),
    );
    expect(width(apart.shapley!.totalInterval)).toBeGreaterThan(2 * width(alike.shapley!.totalInterval));
    const uneven = await found({ ...planted, stages: [...runs, { ...runs[1]!, id: 's0d' }] });
    expect(uneven).toMatchObject({ effects: [], why: 'the stages have different numbers of replicates' });
  });

  it('are refused where a combination is lacking, and absent without factors', async () => {
    const lacking = await found({ ...planted, stages: TWO_BY_TWO.slice(0, 3) });
    expect(lacking).toMatchObject({ effects: [] });
    expect(lacking!.why).toContain('no stage has the levels base=new, prompts=new');
    expect(await found({ ...planted, stages: ['a', 'b', 'c'] })).toBeUndefined();
  });
});
