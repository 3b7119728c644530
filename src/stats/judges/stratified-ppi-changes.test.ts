import { describe, expect, it } from 'vitest';
import { carriedAtLeast, sharesOf, stageChanges } from '../shares/stage-shares.ts';
import { ppiPaired } from '../testing/ppi.ts';
import {
  FIRST_SHARE,
  holdsFirstShare,
  type JudgedStages,
  judgedStages,
  LABEL_DRAWS,
} from './judged-stages.fixture.ts';
import { type StratifiedPpiData, stratifiedPpiPaired } from './stratified-ppi.ts';
import { stratifiedPpiChanges } from './stratified-ppi-changes.ts';

const none = Number.NaN;

/** One stage, every trial a sample and a cluster of its own; labelled where `labels` says so, drawn from one stratum if left out. */
function stage(
  judge: readonly number[],
  human: readonly number[],
  labels: (i: number) => boolean,
  strata: readonly (number | string)[] = judge.map(() => 'all'),
): StratifiedPpiData {
  const ids = judge.map((_, i) => i);
  const shown = human.map((value, i) => (labels(i) ? value : none));
  return { judge, human: shown, strata: strata as readonly string[], samples: ids, clusters: ids };
}

/** Rates of 8 samples: 0.75, 0.25, 0.25. All of the fall is the first step's. */
const TRUTH = [
  [1, 1, 1, 1, 1, 1, 0, 0],
  [1, 1, 0, 0, 0, 0, 0, 0],
  [1, 1, 0, 0, 0, 0, 0, 0],
] as const;
const HALF = (i: number) => i % 2 === 0;

describe('changes along a chain, corrected', () => {
  it('by a perfect judge are the raw ones, and so are their shares, however labels were drawn', () => {
    const raw = sharesOf(
      stageChanges(
        TRUTH,
        TRUTH[0].map((_, i) => i),
      ),
    );
    // Strata of what the judge says: nothing is left to be learnt in them, whatever λ is.
    const picked = TRUTH.map((said, s) => stage(said, said, (i) => (i + s) % 2 === 0, said));
    const random = TRUTH.map((said, s) => stage(said, said, (i) => i % 3 !== s));
    for (const changes of [
      stratifiedPpiChanges(picked, { lambda: 0 }).changes!,
      stratifiedPpiChanges(picked).changes!,
      stratifiedPpiChanges(random, { lambda: 1 }).changes!,
    ]) {
      const { total, steps } = sharesOf(changes);
      expect(total.change).toBeCloseTo(raw.total.change, 14);
      steps.forEach((step, i) => {
        expect(step.change).toBeCloseTo(raw.steps[i]!.change, 14);
        expect(step.share).toBeCloseTo(raw.steps[i]!.share!, 14);
      });
    }
    // With λ = 1 the labels add nothing either to what is unsure.
    const { total } = sharesOf(stratifiedPpiChanges(random, { lambda: 1 }).changes!);
    expect(total.standardError).toBeCloseTo(raw.total.standardError!, 14);
  });

  it('by a judge who is off by the same in all stages keep the raw shares: the bias cancels', () => {
    const judged = TRUTH.map((truth) => truth.map((value) => value + 2));
    const raw = sharesOf(
      stageChanges(
        judged,
        judged[0]!.map((_, i) => i),
      ),
    );
    const changes = stratifiedPpiChanges(
      judged.map((said, s) => stage(said, TRUTH[s]!, HALF)),
      { lambda: 1 },
    ).changes!;
    sharesOf(changes).steps.forEach(({ share }, i) => {
      expect(share).toBeCloseTo(raw.steps[i]!.share!, 14);
    });
    expect(raw.steps[0]!.share).toBe(1);
  });

  it('by a judge who errs in one stage alone differ from the raw shares, and are the true ones', () => {
    // In the second stage it also calls samples 2 and 3 a yes: it sees 0.75 → 0.5 → 0.25, half of the fall in each step.
    const judged = [TRUTH[0], [1, 1, 1, 1, 0, 0, 0, 0], TRUTH[2]];
    const ids = TRUTH[0].map((_, i) => i);
    expect(sharesOf(stageChanges(judged, ids)).steps.map(({ share }) => share)).toEqual([0.5, 0.5]);
    // Labelled 0, 2, 4, 6: of two yeses there one is wrong. By hand, λ = 1: 0.5 + mean(0, −1, 0, 0) = 0.25.
    const stages = judged.map((said, s) => stage(said, TRUTH[s]!, HALF));
    const { means } = stratifiedPpiChanges(stages, { lambda: 1 }).changes!;
    expect(means).toEqual([-0.5, 0, -0.5]);
    // Picked by what the judge says, one yes of four labels as many noes: 4/8 · 1/2 + 4/8 · 0 = 0.25, whatever λ is.
    const picked = judged.map((said, s) => stage(said, TRUTH[s]!, HALF, said));
    for (const lambda of [0, 0.4, 1]) {
      const shares = sharesOf(stratifiedPpiChanges(picked, { lambda }).changes!);
      expect(shares.steps[0]!.share).toBeCloseTo(1, 14);
      expect(shares.steps[1]!.share).toBeCloseTo(0, 14);
    }
  });

  it('of stages that were labelled whole are those of the human values, covariances too', () => {
    const clusters = [1, 1, 2, 3, 3, 3, 4, 5];
    const stages = TRUTH.map((truth) => ({ ...stage([...truth].reverse(), truth, () => true), clusters }));
    const [found, raw] = [
      stratifiedPpiChanges(stages, { pseudoError: 1 }).changes!,
      stageChanges(TRUTH, clusters),
    ];
    expect(found).toMatchObject({ n: 8, clusters: 5, means: raw.means });
    expect(found.df).toBeCloseTo(raw.df!, 10);
    found.covariance!.forEach((row, a) => {
      row.forEach((value, b) => {
        expect(value).toBeCloseTo(raw.covariance![a]![b]!, 14);
      });
    });
  });

  it('are the corrected differences: the same estimate and standard error at the same λ, and they telescope', () => {
    const { stages } = judgedStages({ seed: 5 });
    const options = { lambda: 0.6, pseudoError: 1 };
    const { changes } = stratifiedPpiChanges(stages, options);
    const pairs = [
      [0, 1],
      [1, 2],
      [0, 2],
    ] as const;
    const { steps, total } = sharesOf(changes!);
    [...steps, total].forEach(({ change, standardError }, i) => {
      const [from, to] = pairs[i]!;
      const pair = stratifiedPpiPaired({ from: stages[from]!, to: stages[to]! }, options);
      expect(change).toBeCloseTo(pair.estimate!, 14);
      expect(standardError).toBeCloseTo(pair.standardError!, 12);
    });
    for (const { share, change } of steps) expect(share! * total.change).toBeCloseTo(change, 14);
    expect(steps[0]!.change + steps[1]!.change).toBeCloseTo(total.change, 14);
  });

  it('of two stages are the corrected difference, degrees of freedom and interval included', () => {
    const { stages } = judgedStages({ seed: 6 });
    const [from, to] = stages as [StratifiedPpiData, StratifiedPpiData];
    const options = { lambda: 0.7, pseudoError: 1 };
    const pair = stratifiedPpiPaired({ from, to }, options);
    const { changes } = stratifiedPpiChanges([from, to], options);
    const { interval, standardError } = sharesOf(changes!).total;
    expect(changes!.df).toBeCloseTo(pair.df!, 8);
    expect(standardError).toBeCloseTo(pair.standardError!, 12);
    expect(interval![0]).toBeCloseTo(pair.interval![0], 10);
  });

  it('trust the judge at each stage as far as makes all changes together surest', () => {
    // One stratum: the better the judge is at a stage, the more can be had from it there.
    const { stages } = judgedStages({ seed: 6, draws: 'random part' });
    const spread = (lambda?: number) => {
      const { changes } = stratifiedPpiChanges(stages, lambda === undefined ? {} : { lambda });
      return changes!.covariance!.reduce((all, row, i) => all + row[i]!, 0);
    };
    for (const lambda of [0, 0.3, 0.5, 0.7, 0.9, 1]) expect(spread()).toBeLessThan(1.002 * spread(lambda));
    // A judge who at the second stage says what comes to its mind.
    const mute = { ...stages[1]!, judge: Array.from(stages[1]!.judge, (_, i) => i % 2) };
    const [first, second, third] = stratifiedPpiChanges([stages[0]!, mute, stages[2]!]).lambdas;
    expect(second).toBeLessThan(0.25);
    for (const lambda of [first, third]) expect(lambda).toBeGreaterThan(second! + 0.2);
  });

  it('by labels of a random part are what PPI++ makes of the differences', () => {
    const { judge, human } = judgedStages({ seed: 7 });
    const n = 120;
    const stages = judge.map((said, s) => stage(said, human[s]!, (i) => i < n));
    const unseen = 1 - n / judge[0]!.length;
    const arms = (values: readonly (readonly number[])[], a: number, b: number) => ({
      from: values[0]!.slice(a, b),
      to: values[1]!.slice(a, b),
    });
    const pair = ppiPaired(
      {
        labelled: { human: arms(human, 0, n), judge: arms(judge, 0, n) },
        unlabelled: { judge: arms(judge, n, judge[0]!.length) },
      },
      { lambda: 0.5 * unseen },
    );
    const [step] = sharesOf(stratifiedPpiChanges(stages, { lambda: 0.5 }).changes!).steps;
    expect(step!.change).toBeCloseTo(pair.estimate, 12);
    expect(step!.standardError! / pair.standardError!).toBeCloseTo(1, 1.5);
  });

  it('smoothing leaves no certainty to a total, and none to a step', () => {
    const { stages } = judgedStages({ seed: 8 });
    const [sharp, smooth] = [0, 1].map(
      (pseudoError) => stratifiedPpiChanges(stages, { pseudoError }).changes!.covariance!,
    ) as [number[][], number[][]];
    // What the labels of the middle stage hide moves the two steps in opposite ways: it is not part of the total.
    expect(smooth[0]![0]).toBeGreaterThan(sharp[0]![0]!);
    expect(smooth[0]![1]).toBeLessThan(sharp[0]![1]!);
    expect(smooth[2]![2]! - (smooth[0]![0]! + smooth[1]![1]! + 2 * smooth[0]![1]!)).toBeCloseTo(0, 12);
  });

  it('are not known where a stage has no labels, nor how sure they are where it has too few', () => {
    const [a, b, c] = TRUTH.map((said) => stage(said, said, HALF)) as StratifiedPpiData[];
    const unlabelled = { ...b!, human: b!.judge as number[] } satisfies StratifiedPpiData;
    const nobody = { ...unlabelled, human: TRUTH[1].map(() => none) };
    expect(stratifiedPpiChanges([a!, nobody, c!])).toMatchObject({ changes: null, thin: ['all'] });
    const one = stage(TRUTH[1], TRUTH[1], (i) => i === 0);
    const { changes } = stratifiedPpiChanges([a!, one, c!]);
    expect(changes).toMatchObject({ covariance: null, df: null });
    expect(sharesOf(changes!).total.interval).toBeNull();
  });

  it('refuses one stage, and stages of other samples', () => {
    const one = stage([1, 0], [1, 0], () => true);
    expect(() => stratifiedPpiChanges([one])).toThrow(RangeError);
    expect(() => stratifiedPpiChanges([one, { ...one, samples: [1, 2] }])).toThrow(/same samples/);
  });
});

describe('over seeded draws of labels, corrected shares', { timeout: 120_000 }, () => {
  const DRAWS = 100;

  /** How often 95 % intervals of the first step's share hold the planted one: corrected, and the judge's own. */
  function coverage(planted: Omit<JudgedStages, 'seed'>, offset: number) {
    let [corrected, raw, falselyCarried] = [0, 0, 0];
    for (let seed = 0; seed < DRAWS; seed++) {
      const { stages, judge } = judgedStages({ ...planted, seed: seed + offset });
      const own = sharesOf(stageChanges(judge, stages[0]!.clusters));
      const { changes } = stratifiedPpiChanges(stages, { pseudoError: 1 });
      corrected += Number(holdsFirstShare(sharesOf(changes!).steps[0]!.fieller!)) / DRAWS;
      raw += Number(holdsFirstShare(own.steps[0]!.fieller!)) / DRAWS;
      // That the first step carried at least two thirds is just true: found one time in twenty.
      falselyCarried += Number(carriedAtLeast(changes!, 0, FIRST_SHARE).p! < 0.05) / DRAWS;
    }
    return { corrected, raw, falselyCarried };
  }

  it.each(LABEL_DRAWS)('cover what was planted, the raw ones do not: labels %s', (_, planted) => {
    const { corrected, raw, falselyCarried } = coverage(planted, 1000);
    // Of 100 draws; a method that covers 95 % falls below this once in a hundred tries.
    expect(corrected).toBeGreaterThanOrEqual(0.9);
    expect(raw).toBeLessThan(0.1);
    expect(falselyCarried).toBeLessThanOrEqual(0.11);
  });
});
