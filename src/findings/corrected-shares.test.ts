import { describe, expect, it } from 'vitest';
import type { RunReader } from '../records/index.ts';
import { stratifiedPpiChanges } from '../stats/index.ts';
import { pick } from '../workbench/labels/pick.ts';
import { makeFindings } from './index.ts';
import { chance, type PlantedRun, plantedRun, rate } from './testing/planted-run.ts';

const STAGES = ['base', 'sft', 'rl'] as const;
const SAMPLES = 400;
const CLUSTERS = 80;
const RATERS = [
  { id: 'judge', title: 'The judge' },
  { id: 'human', kind: 'human' },
] as const;

/** 0.6 → 0.3 → 0.3: SFT carries all of the fall. */
const truth = (seed: number) => (stage: number, sample: number) =>
  Number(chance(seed, sample, chance(seed, sample, 9) < 0.7 ? 7 : stage) < [0.6, 0.3, 0.3][stage]!);

/** Calls some noes of SFT a yes, by default: it sees the fall later than it comes. */
function judged(seed: number, invents: readonly number[] = [0.02, 0.35, 0.02]) {
  return (stage: number, sample: number) => {
    const yes = truth(seed)(stage, sample);
    return chance(seed, stage, sample, 5) < (yes ? 0.05 : invents[stage]!) ? 1 - yes : yes;
  };
}

interface Case extends Partial<PlantedRun> {
  readonly seed?: number;
  readonly says?: (stage: number, sample: number) => number;
  readonly labelled?: (stage: number, sample: number) => boolean;
}

/** Labels of a random part. */
function atRandom({ seed = 1, says = judged(seed), labelled = () => true, ...planted }: Case): RunReader {
  return plantedRun({
    stages: STAGES,
    samples: SAMPLES,
    clusters: CLUSTERS,
    raters: RATERS,
    value: ({ rater, stage, sample }) =>
      rater === 'judge'
        ? says(stage, sample)
        : labelled(stage, sample)
          ? truth(seed)(stage, sample)
          : undefined,
    ...planted,
  });
}

/** Labels that `stemma label` picks by what the judge says. */
function picked({
  seed = 1,
  says = judged(seed),
  labels = 120,
  keep = () => true,
}: Case & { labels?: number; keep?: (place: number) => boolean }): RunReader {
  const keyOf = (stage: number, sample: number) =>
    `${STAGES[stage]}/eval/s${String(sample).padStart(6, '0')}#1`;
  const trials = STAGES.flatMap((stage, s) =>
    Array.from({ length: SAMPLES }, (_, sample) => ({
      key: keyOf(s, sample),
      stage,
      sample: `s${String(sample).padStart(6, '0')}`,
      epoch: 1,
      says: says(s, sample) === 1 ? ('yes' as const) : ('no' as const),
    })),
  );
  const empty = { format: 'stemma-labels', formatVersion: 1, id: 'eval.m', createdAt: '' } as const;
  const about = { eval: 'eval', measure: rate.id, measures: [rate.id], question: null };
  const frame = pick({ ...empty, ...about, judges: ['judge'], seed }, trials, labels);
  const places = new Map(frame.trials.map(({ key, place }) => [key, place]));
  const run = atRandom({
    seed,
    says,
    labelled: (stage, sample) => {
      const place = places.get(keyOf(stage, sample));
      return place !== undefined && keep(place);
    },
  });
  return Object.assign(run, { labelFrames: () => [frame] });
}

async function sharesOf(run: RunReader) {
  const { measures, warnings } = await makeFindings(run);
  const [judge, human] = measures;
  return {
    raw: judge!.shares!.raw ?? judge!.shares!,
    corrected: judge!.corrected!.shares!,
    judge: judge!,
    human,
    warnings,
  };
}

describe('shares corrected by human labels', () => {
  it('are those of the corrected changes: share × total is the change, and they sum to 1', async () => {
    const labelled = (stage: number, sample: number) => chance(stage, sample, 77) < 0.3;
    const { corrected } = await sharesOf(atRandom({ labelled }));
    const samples = Array.from({ length: SAMPLES }, (_, sample) => sample);
    const { changes, lambdas } = stratifiedPpiChanges(
      STAGES.map((_, stage) => ({
        judge: samples.map((sample) => judged(1)(stage, sample)),
        human: samples.map((sample) => (labelled(stage, sample) ? truth(1)(stage, sample) : Number.NaN)),
        // What the judge says: labels that stemma did not draw are weighted by it.
        strata: samples.map((sample) => judged(1)(stage, sample)),
        samples,
        clusters: samples.map((sample) => sample % CLUSTERS),
      })),
      { pseudoError: 1 },
    );
    const labels = STAGES.map((_, stage) => samples.filter((sample) => labelled(stage, sample)).length);
    expect(corrected).toMatchObject({
      from: 'base',
      to: 'rl',
      n: SAMPLES,
      clusters: CLUSTERS,
      identified: true,
      total: changes!.means[2],
      labels: Math.min(...labels),
      lambdas,
    });
    expect(corrected).not.toHaveProperty('remark');
    corrected.parts.forEach((part, i) => {
      expect(part.change).toBe(changes!.means[i]);
      expect(part.share! * corrected.total!).toBeCloseTo(part.change, 14);
    });
    const sum = corrected.parts.reduce((all, { share }) => all + share!, 0);
    expect(sum).toBeCloseTo(1, 12);
  });

  it('are made of what the corrected differences are, but for the λ, which every stage has of its own', async () => {
    for (const run of [atRandom({ labelled: (_, sample) => sample < 160 }), picked({ labels: 160 })]) {
      const { corrected, judge } = await sharesOf(run);
      for (const { from, to, change, changeInterval } of corrected.parts) {
        const paired = judge.corrected!.contrasts.find((one) => one.from === from && one.to === to)!;
        expect(Math.abs(change - paired.difference!)).toBeLessThan(0.01);
        const width = ([low, high]: readonly [number, number]) => high - low;
        expect(width(changeInterval) / width(paired.interval!)).toBeGreaterThan(0.9);
        expect(width(changeInterval) / width(paired.interval!)).toBeLessThan(1.1);
      }
    }
  });

  it('of a judge who errs in one stage alone are the true ones, and who carried the change is told anew', async () => {
    const seed = 2;
    for (const run of [
      atRandom({ seed, labelled: (_, sample) => sample < 160 }),
      picked({ seed, labels: 160 }),
    ]) {
      const { raw, corrected, warnings } = await sharesOf(run);
      expect(raw.identified && corrected.identified).toBe(true);
      expect(raw.parts[0]!.interval![1]).toBeLessThan(1);
      const [sft, rl] = corrected.parts;
      expect(sft!.interval![0]).toBeLessThan(1);
      expect(sft!.interval![1]).toBeGreaterThan(1);
      expect(rl!.interval![0]).toBeLessThan(0);
      expect(rl!.interval![1]).toBeGreaterThan(0);
      expect(sft!.carried.p).toBeLessThan(0.05);
      expect(warnings[0]).toMatch(
        /^The judge's mistakes differ by stage: .* Its own differences between these stages are not to be trusted; the corrected ones are reported\.$/,
      );
      expect(warnings).toContainEqual(
        expect.stringMatching(
          /^Corrected by labels, sft carried most of the change in over-refusal(, not rl)?: sft [\d.]+% \[[\d.]+%, [\d.]+%\]; rl −?[\d.]+% \[−[\d.]+%, [\d.]+%\]\.$/,
        ),
      );
    }
  });

  it('of a judge who is never wrong are its own, however few the labels', async () => {
    const { raw, corrected, warnings } = await sharesOf(picked({ says: truth(1), labels: 60 }));
    expect(corrected).toMatchObject({ labels: 60, disagreements: 0, lambdas: null });
    expect(corrected.remark).toBe(
      "0 disagreements are fewer than the 5 that the judge's errors are learnt from: the labels alone, weighted",
    );
    expect(corrected.total).toBeCloseTo(raw.total!, 12);
    corrected.parts.forEach(({ share, change }, i) => {
      expect(change).toBeCloseTo(raw.parts[i]!.change, 12);
      if (share !== null) expect(share).toBeCloseTo(raw.parts[i]!.share!, 12);
    });
    expect(warnings.some((one) => /carried most|mistakes differ/.test(one))).toBe(false);
  });

  it('where humans labelled everything are those of their values', async () => {
    const { corrected, human } = await sharesOf(atRandom({}));
    const { parts, total } = human!.shares!;
    expect(corrected).toMatchObject({
      lambdas: [0, 0, 0],
      remark: 'every sample was labelled',
      labels: SAMPLES,
    });
    expect(corrected.total).toBeCloseTo(total!, 14);
    corrected.parts.forEach((part, i) => {
      expect(part.share).toBeCloseTo(parts[i]!.share!, 12);
      expect(part.interval![0]).toBeCloseTo(parts[i]!.interval![0], 10);
      expect(part.interval![1]).toBeCloseTo(parts[i]!.interval![1], 10);
    });
  });

  it('with too few labels are what the humans say alone, and lead all the same', async () => {
    const says = judged(1, [0.02, 0.6, 0.02]);
    const run = atRandom({ says, labelled: (_, sample) => sample < 48 });
    const { corrected, warnings, judge } = await sharesOf(run);
    expect(corrected).toMatchObject({ labels: 48, lambdas: null });
    expect(corrected.remark).toContain('48 labels are fewer than the 50');
    expect(judge.shares).toMatchObject({ total: corrected.total, raw: { identified: true } });
    expect(warnings[0]).toMatch(
      /Its own differences between these stages, and the shares made of them, are not to be trusted; the corrected ones are reported\.$/,
    );
    expect(warnings.some((one) => one.includes('carried most'))).toBe(false);
  });

  it('are nothing where a stratum has too few labels, or a stage none', async () => {
    const thin = (await sharesOf(picked({ keep: (place) => place < 4 }))).corrected;
    expect(thin).toMatchObject({ identified: false, total: null, parts: [], lambdas: null });
    const none = (await sharesOf(atRandom({ labelled: (stage) => stage !== 1 }))).corrected;
    expect(none).toMatchObject({ labels: 0, why: 'nothing was labelled in one of the stages', parts: [] });
    const few = (await sharesOf(picked({ keep: (place) => place < 8 }))).corrected;
    expect(few.why).toMatch(/^too few labels yet where judges say (yes|no)/);
  });

  it('are refused where raw ones are: stages that were not treated alike, too few clusters, a small total', async () => {
    const labelled = (_: number, sample: number) => sample < 150;
    const unfair = await sharesOf(
      atRandom({
        labelled,
        trial: ({ stage }) => (stage === 1 ? { samplingDigest: 'other' } : {}),
      }),
    );
    expect(unfair.corrected.why).toContain('between base and sft, the sampling settings differ');
    expect(unfair.corrected.why).toBe(unfair.raw.why);
    const few = await sharesOf(atRandom({ labelled, clusters: 8 }));
    expect(few.corrected.why).toContain('8 clusters');
    const still = (_: number, sample: number) => judged(1)(0, sample);
    const { corrected } = await sharesOf(
      atRandom({
        says: still,
        value: ({ rater, sample }) =>
          rater === 'judge' ? still(0, sample) : sample < 150 ? truth(1)(0, sample) : undefined,
      }),
    );
    expect(corrected).toMatchObject({ identified: false });
    expect(corrected.why).toContain('within the margin');
    expect(corrected.parts[0]!.share).toBeNull();
  });

  it('are absent where raw ones are, or no human labelled', async () => {
    const { measures } = await makeFindings(atRandom({ stages: ['a', 'b'] }));
    expect(measures[0]!.corrected).not.toHaveProperty('shares');
    const alone = await makeFindings(atRandom({ raters: [{ id: 'judge' }] }));
    expect(alone.measures[0]).not.toHaveProperty('corrected');
  });

  it('hold the planted share as `stemma label` picks, over 40 draws, where raw ones hardly ever do', {
    timeout: 120_000,
  }, async () => {
    const counts = { corrected: 0, raw: 0 };
    for (let seed = 0; seed < 40; seed++) {
      const { raw, corrected } = await sharesOf(picked({ seed: seed + 500 }));
      const holds = ([low, high]: readonly [number, number]) => low <= 1 && 1 <= high;
      counts.corrected += Number(corrected.identified && holds(corrected.parts[0]!.interval!));
      counts.raw += Number(raw.identified && holds(raw.parts[0]!.interval!));
    }
    expect(counts.corrected).toBeGreaterThanOrEqual(36);
    expect(counts.raw).toBeLessThanOrEqual(2);
  });
});
