import { describe, expect, it } from 'vitest';
import { stratifiedPpiMean, stratifiedPpiPaired } from '../stats/index.ts';
import { makeFindings } from './index.ts';
import { chance, type PlantedRun, plantedRun, score } from './testing/planted-run.ts';

const truth = (stage: number, sample: number) => Number(chance(sample) < [0.5, 0.2][stage]!);
/** Misses some of the yeses; more of them in the second stage. */
const judged = (stage: number, sample: number, missed = [0.1, 0.4]) =>
  chance(sample, stage, 3) < missed[stage]! ? 0 : truth(stage, sample);

const SAMPLES = 400;
const CLUSTERS = 50;

async function findings(labelled: (sample: number) => boolean, planted: Partial<PlantedRun> = {}) {
  const found = await makeFindings(
    plantedRun({
      stages: ['base', 'sft'],
      samples: SAMPLES,
      clusters: CLUSTERS,
      raters: [
        { id: 'judge', title: 'The judge' },
        { id: 'human', kind: 'human' },
      ],
      value: ({ rater, stage, sample }) =>
        rater === 'judge' ? judged(stage, sample) : labelled(sample) ? truth(stage, sample) : undefined,
      ...planted,
    }),
  );
  const [judge, human] = found.measures;
  return { ...found, judge: judge!, human: human! };
}

const all = Array.from({ length: SAMPLES }, (_, sample) => sample);
const cluster = (sample: number) => sample % CLUSTERS;

describe('estimates corrected by human labels', () => {
  it('are prediction-powered where a part is labelled', async () => {
    const labelled = (sample: number) => sample < 120;
    const { judge } = await findings(labelled);
    const known = all.filter(labelled);
    const arm = (stage: number) => ({
      judge: all.map((sample) => judged(stage, sample)),
      human: all.map((sample) => (labelled(sample) ? truth(stage, sample) : Number.NaN)),
      // What the judge says: labels that stemma did not draw are weighted by it.
      strata: all.map((sample) => judged(stage, sample)),
      samples: all,
      clusters: all.map(cluster),
    });
    judge.corrected!.stages.forEach((corrected, stage) => {
      const { estimate, interval, lambda } = stratifiedPpiMean(arm(stage), { pseudoError: 1 });
      expect(corrected).toMatchObject({
        labels: 120,
        disagreements: known.filter((sample) => truth(stage, sample) !== judged(stage, sample)).length,
        estimate,
        interval,
        lambda,
        raw: judge.stages[stage]!.raw!.estimate,
      });
      expect(corrected).not.toHaveProperty('why');
    });
    const paired = stratifiedPpiPaired({ from: arm(0), to: arm(1) }, { pseudoError: 1 });
    expect(judge.corrected!.contrasts[0]).toMatchObject({
      difference: paired.estimate,
      interval: paired.interval,
      verdict: 'materially different',
    });
    expect(judge.corrected).toMatchObject({
      method: expect.stringContaining('stratified'),
      selection: { kind: 'not drawn' },
    });
  });

  it('lead: estimates and verdicts are the corrected ones, with the raw ones beside them', async () => {
    const { judge, together } = await findings((sample) => sample < 120);
    const { corrected, contrasts, stages } = judge;
    expect(stages[0]).toMatchObject({
      estimate: corrected!.stages[0]!.estimate,
      interval: corrected!.stages[0]!.interval,
      raw: { estimate: all.filter((sample) => judged(0, sample) === 1).length / SAMPLES },
    });
    const [contrast] = contrasts;
    expect(contrast).toMatchObject({
      difference: corrected!.contrasts[0]!.difference,
      verdict: corrected!.contrasts[0]!.verdict,
      pEquivalence: corrected!.contrasts[0]!.pEquivalence,
      raw: { labels: 120, labeller: 'human' },
    });
    expect(contrast!.raw!.difference).not.toBe(contrast!.difference);
    expect(contrast!.pFamily ?? 0).toBeLessThan(0.05);
    expect(together[0]!.p).toBe(contrast!.pEquivalence);
  });

  it('stay as rated where labels do not suffice', async () => {
    const { judge } = await findings((sample) => sample < 6);
    expect(judge.corrected!.contrasts[0]).toMatchObject({ interval: null, reason: 'labels' });
    expect(judge.corrected!.contrasts[0]!.why).toMatch(/^too few labels yet where the judge says/);
    expect(judge.contrasts[0]).not.toHaveProperty('raw');
    expect(judge.stages[0]).not.toHaveProperty('raw');
  });

  it('are the human ones where humans labelled everything', async () => {
    const { judge, human } = await findings(() => true);
    judge.corrected!.stages.forEach((corrected, stage) => {
      expect(corrected).toMatchObject({
        labels: SAMPLES,
        estimate: human.stages[stage]!.estimate,
        interval: human.stages[stage]!.interval,
        lambda: null,
        why: 'every sample was labelled',
      });
    });
    expect(judge.corrected!.contrasts[0]).toMatchObject({
      difference: human.contrasts[0]!.difference,
      interval: human.contrasts[0]!.interval,
      verdict: human.contrasts[0]!.verdict,
    });
    expect(human).not.toHaveProperty('corrected');
  });

  it('also where the judge failed to rate some of them', async () => {
    const { judge, human } = await findings(() => true, {
      value: ({ rater, stage, sample }) =>
        rater === 'human' ? truth(stage, sample) : sample % 10 === 0 ? 'unparsed' : judged(stage, sample),
    });
    expect(judge.corrected!.stages[0]!.estimate).toBe(human.stages[0]!.estimate);
    expect(judge.corrected!.contrasts[0]!.difference).toBe(human.contrasts[0]!.difference);
  });

  it('are the weighted human ones where labels are too few, or the judge hardly ever errs', async () => {
    const few = await findings((sample) => sample < 49);
    const { estimate, lambda } = few.judge.corrected!.stages[0]!;
    // Weighted by what the judge says, so near what the humans say, and not the same.
    expect(Math.abs(estimate! - few.human.stages[0]!.estimate!)).toBeLessThan(0.1);
    expect(lambda).toBeNull();
    expect(few.judge.corrected!.stages[0]!.why).toContain('fewer than the 50 labels');
    const right = await findings((sample) => sample < 100, {
      value: ({ rater, stage, sample }) =>
        rater === 'judge' || sample < 100 ? truth(stage, sample) : undefined,
    });
    expect(right.judge.corrected!.stages[0]!.why).toContain('fewer than the 5 disagreements');
  });

  it('are nothing where humans labelled nothing of a stage', async () => {
    const { judge } = await findings(() => true, {
      value: ({ rater, stage, sample }) =>
        rater === 'judge' ? judged(stage, sample) : stage === 0 ? truth(stage, sample) : undefined,
    });
    expect(judge.corrected!.stages[1]).toMatchObject({
      labels: 0,
      estimate: null,
      why: 'nothing was labelled here',
    });
    expect(judge.corrected!.contrasts[0]).toMatchObject({ difference: null, verdict: 'not compared' });
  });

  it('are absent without any human', async () => {
    const { measures } = await makeFindings(plantedRun({ stages: ['a', 'b'], samples: 60, value: () => 1 }));
    expect(measures[0]).not.toHaveProperty('corrected');
  });
});

describe("a judge's errors", () => {
  it('are told by sensitivity and specificity, and by the rate that these make of its count', async () => {
    const { judge } = await findings(() => true);
    const { sensitivity, specificity, sensitivityInterval, roganGladen } = judge.corrected!.stages[1]!;
    const yes = all.filter((sample) => truth(1, sample) === 1);
    expect(sensitivity).toBeCloseTo(yes.filter((sample) => judged(1, sample) === 1).length / yes.length, 12);
    expect(specificity).toBe(1);
    expect(sensitivityInterval![0]).toBeLessThan(sensitivity!);
    expect(sensitivityInterval![1]).toBeGreaterThan(sensitivity!);
    // With every truth known, correcting by the errors gives the true rate back.
    expect(roganGladen!.estimate).toBeCloseTo(yes.length / SAMPLES, 12);
  });

  it('that differ between stages are a finding, said aloud', async () => {
    const { judge, warnings } = await findings((sample) => sample % 2 === 0);
    const { errorDifference, errorInterval, errorP, meanErrors } = judge.corrected!.contrasts[0]!;
    const error = (stage: number) =>
      all.reduce((sum, sample) => sum + judged(stage, sample) - truth(stage, sample), 0) / SAMPLES;
    expect(meanErrors!.to - meanErrors!.from).toBeCloseTo(errorDifference!, 12);
    expect(Math.abs(meanErrors!.from - error(0))).toBeLessThan(0.03);
    expect(errorInterval![0]).toBeLessThan(error(1) - error(0));
    expect(errorInterval![1]).toBeGreaterThan(error(1) - error(0));
    if (errorP! >= 0.05) expect(warnings.filter((one) => one.includes('mistakes'))).toEqual([]);
    const uneven = await findings(() => true, {
      value: ({ rater, stage, sample }) =>
        rater === 'human' ? truth(stage, sample) : judged(stage, sample, [0, 0.9]),
    });
    expect(uneven.judge.corrected!.contrasts[0]!.errorP).toBeLessThan(1e-6);
    expect(uneven.warnings[0]).toMatch(
      /^The judge's mistakes differ by stage: on over-refusal it is off by 0\.0 points \(base\) and −\d+\.\d points \(sft\); p < 0\.001\./,
    );
  });

  it('that are alike on every stage are not a warning', async () => {
    // It takes some for yes that are no in both stages.
    const { warnings, judge } = await findings(() => true, {
      value: ({ rater, stage, sample }) =>
        rater === 'judge' && chance(sample) > 0.9 ? 1 : truth(stage, sample),
    });
    expect(judge.corrected!.contrasts[0]!.meanErrors!.to).toBeGreaterThan(0.05);
    expect(judge.corrected!.contrasts[0]).toMatchObject({ errorDifference: 0, errorP: 1 });
    expect(warnings).toEqual([]);
  });

  it('in few clusters are left to a permutation test', async () => {
    const { judge } = await findings(() => true, {
      clusters: 8,
      value: ({ rater, stage, sample }) =>
        rater === 'human' ? truth(stage, sample) : judged(stage, sample, [0, 1]),
    });
    expect(judge.corrected!.contrasts[0]).toMatchObject({
      errorInterval: null,
      errorP: 2 / 2 ** 8,
      verdict: 'materially different',
    });
  });

  it('of scores have no sensitivity', async () => {
    const { judge } = await findings(() => true, {
      measures: [score],
      value: ({ rater, stage, sample }) =>
        Math.floor(6 * chance(sample, stage, rater === 'human' ? 0 : sample % 5)),
    });
    expect(judge.corrected!.stages[0]).toMatchObject({
      sensitivity: null,
      specificity: null,
      sensitivityInterval: null,
    });
    expect(judge.corrected!.stages[0]).not.toHaveProperty('roganGladen');
  });
});
