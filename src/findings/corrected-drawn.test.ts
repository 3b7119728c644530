import { describe, expect, it } from 'vitest';
import type { LabelFrame, RunReader } from '../records/index.ts';
import { pairedDifference } from '../stats/index.ts';
import { clusteredRate } from '../stats/testing/clustered-rate.ts';
import { pick } from '../workbench/labels/pick.ts';
import { applicabilityOf } from './applicability.ts';
import type { Contrast, StageEstimate } from './contrast-findings.ts';
import { correctedOf } from './corrected.ts';
import { makeFindings } from './index.ts';
import { labelDesigns } from './label-design.ts';
import { type RatingColumn, readRatings, sampleMeans } from './rating-column.ts';
import { stageValues } from './stage-values.ts';
import { chance, misaligned, type PlantedRun, plantedRun, rate, score } from './testing/planted-run.ts';
import { readTrials } from './trial-table.ts';

const SAMPLES = 600;
const STAGES = ['base', 'sft'] as const;
/** 30 % in both stages: nothing changes. */
const truth = (seed: number) => (stage: number, sample: number) =>
  Number(chance(seed, sample, chance(seed, sample, 9) < 0.7 ? 7 : stage) < 0.3);

type Answers = (stage: number, sample: number) => number;

interface Judge {
  /** Chance to miss a yes, and to invent one, by stage. */
  readonly misses: readonly [number, number];
  readonly invents: readonly [number, number];
}

/** Misses four yeses in ten at the first stage, one in ten at the second: so it sees a rise that is none. */
const UNEVEN: Judge = { misses: [0.4, 0.1], invents: [0.05, 0.05] };
const EVEN: Judge = { misses: [0.2, 0.2], invents: [0.1, 0.1] };

function judged(seed: number, { misses, invents }: Judge) {
  return (stage: number, sample: number) => {
    const yes = truth(seed)(stage, sample);
    const errs = chance(seed, stage, sample, 5) < (yes ? misses : invents)[stage]!;
    return errs ? 1 - yes : yes;
  };
}

function frameOf(seed: number, labels: number, says: Answers): LabelFrame {
  const trials = STAGES.flatMap((stage, s) =>
    Array.from({ length: SAMPLES }, (_, sample) => {
      const id = `s${String(sample).padStart(6, '0')}`;
      const answer = says(s, sample) === 1 ? ('yes' as const) : ('no' as const);
      return { key: `${stage}/eval/${id}#1`, stage, sample: id, epoch: 1, says: answer };
    }),
  );
  const empty = { format: 'stemma-labels', formatVersion: 1, id: 'eval.m', createdAt: '' } as const;
  const about = { eval: 'eval', measure: rate.id, measures: [rate.id, score.id], question: null };
  return pick({ ...empty, ...about, judges: ['judge'], seed }, trials, labels);
}

function withFrame(run: RunReader, frame: LabelFrame): RunReader {
  return Object.assign(run, { labelFrames: () => [frame] });
}

interface Case {
  readonly seed?: number;
  readonly judge?: Judge;
  readonly labels?: number;
  readonly keep?: (place: number) => boolean;
}

function planted({ seed = 1, judge = UNEVEN, labels = 120, keep = () => true }: Case): RunReader {
  const says = judged(seed, judge);
  return labelledRun({ seed, labels, says, truth: truth(seed), keep });
}

/** A run of which some trials were picked by what the judge says, and labelled with the truth. */
function labelledRun({
  seed,
  labels,
  says,
  truth: human,
  keep = () => true,
}: {
  readonly seed: number;
  readonly labels: number;
  readonly says: Answers;
  readonly truth: Answers;
  readonly keep?: (place: number) => boolean;
}): RunReader {
  const frame = frameOf(seed, labels, says);
  const places = new Map(frame.trials.map(({ key, place }) => [key, place]));
  const run = plantedRun({
    stages: STAGES,
    samples: SAMPLES,
    raters: [{ id: 'judge' }, { id: 'human', kind: 'human' }],
    value: ({ rater, stage, sample }) => {
      if (rater === 'judge') return says(stage, sample);
      const place = places.get(`${STAGES[stage]}/eval/s${String(sample).padStart(6, '0')}#1`);
      return place !== undefined && keep(place) ? human(stage, sample) : undefined;
    },
  });
  return withFrame(run, frame);
}

const findings = (of: Case) => makeFindings(planted(of));

/** The correction alone, without all that findings compute beside it: for many draws. */
async function correction(of: Case) {
  const run = planted(of);
  const trials = readTrials(run);
  const { columns } = await readRatings(run, trials);
  const [judge, human] = columns as [RatingColumn, RatingColumn];
  const raw = STAGES.map((_, stage) => clusteredRate(sampleMeans(judge, stage), judge.table.clusters));
  const applicability = applicabilityOf(judge.table, columns)(rate);
  const arm = (stage: number) => ({
    stage,
    id: STAGES[stage]!,
    title: STAGES[stage]!,
    system: '',
    values: stageValues(judge, stage, applicability),
  });
  const found = correctedOf({
    judge,
    human,
    design: labelDesigns(run, trials)(human)!,
    stages: [0, 1],
    judgeEstimates: STAGES.map((id, stage) => ({ id, estimate: raw[stage]!.estimate }) as StageEstimate),
    compared: [
      {
        comparison: {
          column: judge,
          from: arm(0),
          to: arm(1),
          unseen: 0,
          margin: { points: 0.05 },
          marginSource: 'declared',
          seed: 1,
        },
        contrast: { from: 'base', to: 'sft', verdict: 'inconclusive' } as Contrast,
      },
    ],
  });
  const d = sampleMeans(judge, 1).map((value, i) => value - sampleMeans(judge, 0)[i]!);
  return { ...found, raw, rawDifference: pairedDifference(d, judge.table.clusters, 0.95, 2).interval };
}

describe('labels that were picked by what the judge says', { timeout: 120_000 }, () => {
  it('of every trial say what any rater’s ratings would, also where all are alike', async () => {
    for (const [what, human] of [
      ['nothing', () => 0],
      ['some', truth(3)],
    ] as const) {
      const run = labelledRun({ seed: 3, labels: SAMPLES, says: judged(3, UNEVEN), truth: human });
      const byRater = await makeFindings(
        plantedRun({
          stages: STAGES,
          samples: SAMPLES,
          raters: [{ id: 'human', kind: 'human' }],
          value: ({ stage, sample }) => human(stage, sample),
        }),
      );
      const of = (found: typeof byRater) => {
        const { stages, contrasts } = found.measures.find(({ id, headline }) => id === rate.id && headline)!;
        return {
          stages: stages.map(({ estimate, interval }) => ({ estimate, interval })),
          contrasts: contrasts.map(({ verdict, difference, interval }) => ({
            verdict,
            difference,
            interval,
          })),
        };
      };
      const corrected = of(await makeFindings(run));
      expect(corrected, what).toEqual(of(byRater));
      for (const { interval } of corrected.stages) expect(interval![1] - interval![0]).toBeGreaterThan(0.003);
    }
  });

  it('give the planted rate and difference back where the raw ones are off, over 80 draws', async () => {
    const counts = { rate: 0, raw: 0, difference: 0, rawDifference: 0, errors: 0 };
    const draws = 80;
    for (let seed = 0; seed < draws; seed++) {
      const { stages, contrasts, raw, rawDifference } = await correction({ seed: seed + 100 });
      const holds = (interval: readonly [number, number] | null, value: number) =>
        interval !== null && interval[0] <= value && value <= interval[1];
      counts.rate += Number(holds(stages[0]!.interval, 0.3));
      counts.raw += Number(holds(raw[0]!.interval, 0.3));
      counts.difference += Number(holds(contrasts[0]!.interval, 0));
      counts.rawDifference += Number(holds(rawDifference, 0));
      counts.errors += Number(contrasts[0]!.errorP! < 0.05);
    }
    expect(counts.rate / draws).toBeGreaterThanOrEqual(0.93);
    expect(counts.difference / draws).toBeGreaterThanOrEqual(0.93);
    expect(counts.raw / draws).toBeLessThan(0.2);
    expect(counts.rawDifference / draws).toBeLessThan(0.3);
    // It is off by −8.5 points at the one stage and by 0.5 at the other.
    expect(counts.errors / draws).toBeGreaterThan(0.5);
  });

  it('give no difference beyond what is possible', async () => {
    const says = (stage: number, sample: number) => Number(stage === 1 && chance(sample, 5) > 0.15);
    const run = labelledRun({ seed: 1, labels: 120, says, truth: (stage) => stage });
    const { measures } = await makeFindings(run);
    const [contrast] = measures[0]!.corrected!.contrasts;
    expect(contrast!.difference).toBeGreaterThan(0.9);
    expect(contrast!.interval![0]).toBeLessThan(contrast!.difference!);
    expect(contrast!.interval![1]).toBe(1);
  });

  it('of a judge that errs alike say so: few false alarms', async () => {
    let alarms = 0;
    const draws = 80;
    for (let seed = 0; seed < draws; seed++) {
      const { contrasts } = await correction({ seed: seed + 500, judge: EVEN });
      alarms += Number(contrasts[0]!.errorP! < 0.05);
    }
    expect(alarms / draws).toBeLessThanOrEqual(0.08);
  });

  it('weigh sensitivity and specificity: they are those of all trials, not of the picked', async () => {
    const [judge] = (await findings({ labels: 400 })).measures;
    const [first, second] = judge!.corrected!.stages;
    expect(first!.sensitivity).toBeGreaterThan(0.5);
    expect(first!.sensitivity).toBeLessThan(0.7);
    expect(second!.sensitivity).toBeGreaterThan(0.8);
    expect(first!.specificity).toBeGreaterThan(0.9);
    for (const { sensitivity, sensitivityInterval, roganGladen, estimate } of [first!, second!]) {
      expect(sensitivityInterval![0]).toBeLessThan(sensitivity!);
      expect(sensitivityInterval![1]).toBeGreaterThan(sensitivity!);
      // The judge's count undone by its errors is the same weighted estimate in other words.
      expect(roganGladen!.estimate).toBeCloseTo(estimate!, 1);
    }
    expect(first!.strata!.map(({ says }) => says).sort()).toEqual(['no', 'yes']);
    expect(first!.strata!.reduce((sum, { labels }) => sum + labels, 0)).toBe(400);
    expect(first!.strata!.reduce((sum, { trials }) => sum + trials, 0)).toBe(SAMPLES);
  });

  it('make no findings of their own, and no agreement: unweighted they would mislead', async () => {
    const { measures } = await findings({});
    expect(measures.map(({ rater }) => rater)).toEqual(['judge']);
    expect(measures[0]!.agreement).toBeUndefined();
  });

  it('can’t make the headlines', async () => {
    const says = judged(1, UNEVEN);
    const run = plantedRun({
      stages: STAGES,
      samples: SAMPLES,
      raters: [{ id: 'judge' }, { id: 'human', kind: 'human' }],
      value: ({ rater, stage, sample }) =>
        rater === 'judge' ? says(stage, sample) : sample === 0 ? 1 : undefined,
    });
    const frame = frameOf(1, 600, says);
    await expect(makeFindings(withFrame(run, frame), { rater: 'human' })).rejects.toThrow(/headlines/);
  });

  it('say when they would change the verdict, and that the mistakes differ', async () => {
    const found = await findings({ seed: 3, labels: 300 });
    const [judge] = found.measures;
    expect(judge!.contrasts[0]!.raw!.verdict).toMatch(/different/);
    expect(judge!.contrasts[0]).toMatchObject({ verdict: 'inconclusive', reason: 'labels' });
    expect(found.warnings).toEqual([
      expect.stringMatching(
        /^judge's mistakes differ by stage: on over-refusal it is off by −\d+\.\d points \(base\)/,
      ),
      expect.stringMatching(
        /^Corrected by labels, on over-refusal sft against base is inconclusive \([+−]\d+\.\d points \[−\d+\.\d, \+\d+\.\d\]\), not (materially )?different \(.*\) as judge alone would have it\.$/,
      ),
    ]);
  });

  it('half-way are weighted by what was labelled of each stratum', async () => {
    const half = (await findings({ labels: 200, keep: (place) => place < 200 })).measures[0]!.corrected!;
    expect(half.stages.map(({ labels }) => labels).reduce((a, b) => a + b)).toBe(200);
    const [base] = half.stages;
    expect(base!.interval![0]).toBeLessThan(0.3);
    expect(base!.interval![1]).toBeGreaterThan(0.3);
    expect(base!).not.toHaveProperty('why');
  });

  it('that are too few are used alone, and said to be', async () => {
    const few = (await findings({ labels: 40 })).measures[0]!.corrected!;
    expect(few.stages[0]).toMatchObject({ labels: 40, lambda: null });
    expect(few.stages[0]!.why).toContain('fewer than the 50 labels');
    expect(few.stages[0]!.estimate).not.toBeNull();
    const hardly = (await findings({ keep: (place) => place < 3 })).measures[0]!.corrected!;
    const lacking = hardly.stages.find(({ interval, labels }) => interval === null && labels > 0)!;
    expect(lacking.why).toMatch(/too few labels yet where judges say (yes|no)/);
    expect(hardly.contrasts[0]).toMatchObject({ interval: null });
  });

  it('of scores correct scores, and what is derived of them', async () => {
    const severity = (judge: boolean) => (stage: number, sample: number) =>
      Math.min(
        5,
        Math.max(0, Math.floor(6 * chance(sample, stage)) + (judge && chance(sample, 3) < 0.4 ? 1 : 0)),
      );
    const scores: Partial<PlantedRun> = {
      measures: [score, misaligned],
      value: ({ rater, stage, sample }) => {
        if (rater === 'judge') return severity(true)(stage, sample);
        const place = frame.trials.find(
          ({ key }) => key === `${STAGES[stage]}/eval/s${String(sample).padStart(6, '0')}#1`,
        )?.place;
        return place === undefined ? undefined : severity(false)(stage, sample);
      },
    };
    const frame = frameOf(1, 150, (stage, sample) => Number(severity(true)(stage, sample) >= 3));
    const run = plantedRun({
      stages: STAGES,
      samples: SAMPLES,
      raters: [{ id: 'judge' }, { id: 'human', kind: 'human' }],
      value: () => undefined,
      ...scores,
    });
    const { measures } = await makeFindings(withFrame(run, frame));
    const [severe, misalignment] = measures;
    const mean = (of: (stage: number, sample: number) => number) =>
      Array.from({ length: SAMPLES }, (_, sample) => of(0, sample)).reduce((a, b) => a + b) / SAMPLES;
    const actual = mean(severity(false));
    const { estimate, interval, raw } = severe!.corrected!.stages[0]!;
    expect(Math.abs(raw! - actual)).toBeGreaterThan(0.25);
    expect(Math.abs(estimate! - actual)).toBeLessThan(0.2);
    expect(interval![0]).toBeLessThan(actual);
    expect(interval![1]).toBeGreaterThan(actual);
    expect(misalignment!.id).toBe(misaligned.id);
    expect(misalignment!.corrected!.stages[0]!.sensitivity).toBeGreaterThan(0.9);
    expect(misalignment!.corrected!.stages[0]!.specificity).toBeLessThan(0.95);
  });
});
