import { describe, expect, it } from 'vitest';
import { makeFindings } from './index.ts';
import { chance, type PlantedRun, plantedRun } from './testing/planted-run.ts';

const SAMPLES = 600;
const RUNS = 3;

/** Arms of a stage with replicates: the stage itself, and its further runs. */
function arms(id: string, from: string | null, runs = RUNS) {
  return Array.from({ length: runs }, (_, run) =>
    run === 0 ? { id, from } : { id: `${id}-run-${run + 1}`, from: null, replicateOf: id },
  );
}

const stages = [...arms('base', null, 1), ...arms('sft', 'base'), ...arms('rl', 'sft')];

/** The stage and the number of the run, from its id. */
function runOf({ id }: { readonly id: string }): { readonly name: string; readonly run: number } {
  const [name = '', number = '1'] = id.split('-run-');
  return { name, run: Number(number) };
}

/** About normal, of the same whole numbers the same. */
function noise(...of: readonly number[]): number {
  return [0, 1, 2, 3].reduce((sum, part) => sum + chance(...of, part) - 0.5, 0) * Math.sqrt(3);
}

/** Rates by stage name; every run is off by its own amount, and with `inherited` by that of its parent too. */
function run(
  rates: Readonly<Record<string, number>>,
  off: (stage: string, run: number) => number,
  more: Partial<PlantedRun> = {},
) {
  return plantedRun({
    stages,
    samples: SAMPLES,
    clusters: 60,
    value: ({ stage, sample }) => {
      const { name, run: which } = runOf(stages[stage]!);
      const rate = rates[name]! + off(name, which);
      return Number(0.6 * chance(sample) + 0.4 * chance(sample, stage) < rate * 0.8 + 0.1);
    },
    ...more,
  });
}

describe('replicates of a stage', () => {
  it('are one stage, whose estimate is over all runs, with the runs and their spread beside it', async () => {
    const found = await makeFindings(
      run({ base: 0.5, sft: 0.3, rl: 0.3 }, (_, k) => [0, 0.05, -0.05][k - 1]!),
    );
    expect(found.stages.map(({ id }) => id)).toEqual(['base', 'sft', 'rl']);
    const [base, sft] = found.measures[0]!.stages;
    expect(base!.runs).toBeUndefined();
    expect(sft).toMatchObject({ n: SAMPLES, trials: RUNS * SAMPLES });
    expect(sft!.runs!.values).toHaveLength(RUNS);
    const mean = sft!.runs!.values.reduce((sum, value) => sum + value, 0) / RUNS;
    expect(sft!.estimate).toBeCloseTo(mean, 12);
    expect(sft!.runs!.standardDeviation).toBeGreaterThan(0.02);
    expect(found.answer).toContain(
      'how training runs differ is counted where a stage has several (3 training runs)',
    );
  });

  it('find a difference only where it is larger than runs differ by', async () => {
    const apart = [0.09, 0, -0.09];
    const oneRun = await makeFindings(run({ base: 0.5, sft: 0.4, rl: 0.3 }, () => 0));
    const wild = await makeFindings(
      run({ base: 0.5, sft: 0.4, rl: 0.3 }, (name, k) => apart[name === 'rl' ? k - 1 : RUNS - k]! * 1.2),
    );
    const of = (found: typeof wild) =>
      found.measures[0]!.contrasts.find(({ from, to }) => from === 'sft' && to === 'rl')!;
    expect(of(oneRun).verdict).toMatch(/different$/);
    expect(of(wild).verdict).toBe('inconclusive');
    expect(of(wild).runs!.values).toHaveLength(RUNS);
    const width = ({ interval }: ReturnType<typeof of>) => interval![1] - interval![0];
    expect(width(of(wild))).toBeGreaterThan(2 * width(of(oneRun)));
  });

  it('pair with the run of the parent that they come from', async () => {
    const inherited = [0.15, 0, -0.15];
    const found = await makeFindings(run({ base: 0.5, sft: 0.4, rl: 0.3 }, (_, k) => inherited[k - 1]!));
    const contrast = found.measures[0]!.contrasts.find(({ from, to }) => from === 'sft' && to === 'rl')!;
    // What run k inherited from run k cancels in the pair.
    expect(contrast.runs!.standardDeviation).toBeLessThan(0.03);
    expect(contrast.verdict).toMatch(/different$/);
    const against = found.measures[0]!.contrasts.find(({ from, to }) => from === 'base' && to === 'rl')!;
    expect(against.runs!.standardDeviation).toBeGreaterThan(0.08);
  });

  it('make shares less sure, and refuse them where stages have different numbers of runs', async () => {
    const rates = { base: 0.7, sft: 0.35, rl: 0.3 };
    const calm = await makeFindings(run(rates, () => 0));
    const wild = await makeFindings(run(rates, (_, k) => [0.08, 0, -0.08][k - 1]!));
    expect(calm.measures[0]!.shares).toMatchObject({ identified: true, carriers: ['sft'] });
    const width = ({ measures }: typeof calm) => {
      const [low, high] = measures[0]!.shares!.totalInterval!;
      return high - low;
    };
    expect(width(wild)).toBeGreaterThan(1.5 * width(calm));
    const uneven = [...arms('base', null, 1), ...arms('sft', 'base', 4), ...arms('rl', 'sft')];
    const refused = await makeFindings(
      plantedRun({
        stages: uneven,
        samples: 200,
        clusters: 40,
        value: ({ sample }) => Number(chance(sample) < 0.5),
      }),
    );
    expect(refused.measures[0]!.shares!.why).toContain('different numbers of replicates');
    expect(
      refused.measures[0]!.contrasts.find(({ from, to }) => from === 'sft' && to === 'rl')!.runs,
    ).toMatchObject({
      values: [],
    });
  });

  it('are counted where labels correct what a judge says', async () => {
    const apart = [0.09, 0, -0.09];
    const labelled = (spread: number) => {
      const off = (name: string, k: number) => spread * apart[name === 'rl' ? k - 1 : RUNS - k]!;
      const planted = run({ base: 0.5, sft: 0.45, rl: 0.3 }, off, {
        raters: [{ id: 'judge' }, { id: 'human', kind: 'human' }],
      });
      return makeFindings(planted, { rater: 'judge' });
    };
    const of = ({ measures }: Awaited<ReturnType<typeof labelled>>) =>
      measures
        .find(({ rater }) => rater === 'judge')!
        .corrected!.contrasts.find(({ from, to }) => from === 'sft' && to === 'rl')!;
    const width = ({ interval }: ReturnType<typeof of>) => interval![1] - interval![0];
    expect(width(of(await labelled(1)))).toBeGreaterThan(2 * width(of(await labelled(0))));
  });

  it('seldom claim a difference that only runs make', async () => {
    const seeds = 60;
    let [counted, single] = [0, 0];
    for (let seed = 0; seed < seeds; seed++) {
      const off = (name: string, k: number) => 0.03 * noise(seed, name.length, k);
      const planted = { samples: 400, clusters: 40 };
      const twoStages = [...arms('a', null), ...arms('bb', null)];
      const of = (all: typeof twoStages) =>
        plantedRun({
          ...planted,
          stages: all,
          value: ({ stage, sample }) => {
            const { name, run: which } = runOf(all[stage]!);
            const shift = off(name, which);
            return Number(0.7 * chance(seed, sample) + 0.3 * chance(seed, sample, stage) < 0.4 + shift);
          },
        });
      const differs = async (all: typeof twoStages) =>
        (await makeFindings(of(all))).measures[0]!.contrasts[0]!.verdict.endsWith('different');
      counted += Number(await differs(twoStages));
      single += Number(await differs(twoStages.filter(({ id }) => !id.includes('run'))));
    }
    // One run a stage claims a difference far more often than one time in twenty; three runs do not.
    expect(single / seeds).toBeGreaterThan(0.2);
    expect(counted / seeds).toBeLessThanOrEqual(0.12);
  });
});
