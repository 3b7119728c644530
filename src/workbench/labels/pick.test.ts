import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate } from './allocate.ts';
import { type EmptyFrame, extend, type JudgedTrial, pick } from './pick.ts';

const empty: EmptyFrame = {
  format: 'stemma-labels',
  formatVersion: 1,
  id: 'e.m',
  createdAt: '2026-01-01T00:00:00.000Z',
  eval: 'e',
  measure: 'e/m',
  measures: ['e/m'],
  question: 'q',
  judges: ['judge'],
  seed: 7,
};

/** A tenth judged yes, a tenth split, in every stage; the stages a little apart. */
function trials(stages: readonly string[], samples: number): JudgedTrial[] {
  return stages.flatMap((stage, s) =>
    Array.from({ length: samples }, (_, i) => ({
      key: `${stage}/e/s${i}#1`,
      stage,
      sample: `s${i}`,
      epoch: 1,
      says: (['yes', 'split', 'no', 'no', 'no', 'no', 'no', 'no', 'no', 'no'] as const)[
        (i + (i % 50 === 0 ? s : 0)) % 10
      ]!,
    })),
  );
}

const shown = (frame: ReturnType<typeof pick>) =>
  frame.trials
    .filter(({ place }) => place !== undefined)
    .toSorted((a, b) => a.place! - b.place!)
    .map(({ key, stratum }) => ({ key, ...frame.strata[stratum]! }));

describe('what is picked', () => {
  const frame = pick(empty, trials(['base', 'sft', 'rl'], 400), 100);
  const order = shown(frame);

  it('is so many of every stage, of every stratum, with sizes that give the probabilities', () => {
    for (const stage of ['base', 'sft', 'rl']) {
      expect(order.filter((one) => one.stage === stage)).toHaveLength(100);
      for (const says of ['yes', 'split', 'no'] as const) {
        const { size, picked } = frame.strata.find((one) => one.stage === stage && one.says === says)!;
        const members = frame.trials.filter(({ stratum }) => {
          const one = frame.strata[stratum]!;
          return one.stage === stage && one.says === says;
        });
        expect(members).toHaveLength(size);
        expect(members.filter(({ place }) => place !== undefined)).toHaveLength(picked);
        expect(picked).toBeGreaterThanOrEqual(10);
      }
    }
  });

  it('is of the same samples in all stages, as far as the strata allow', () => {
    const of = (stage: string) =>
      new Set(order.filter((one) => one.stage === stage).map(({ key }) => key.split('/')[2]));
    expect(of('base').intersection(of('sft')).size).toBeGreaterThan(80);
  });

  it('is shown with stages and strata interleaved: any part of the way each has had its share', () => {
    for (const part of [60, 120, 180, 240]) {
      const so = order.slice(0, part);
      for (const stratum of frame.strata) {
        const seen = so.filter((one) => one.stage === stratum.stage && one.says === stratum.says).length;
        expect(Math.abs(seen - (stratum.picked * part) / 300)).toBeLessThanOrEqual(2.5);
      }
    }
    const runs = order.filter((one, i) => i > 0 && order[i - 1]!.stage === one.stage).length;
    expect(runs).toBeGreaterThan(50);
    expect(runs).toBeLessThan(150);
  });

  it('never shows two stages of one sample side by side', () => {
    const samples = order.map(({ key }) => key.split('/')[2]);
    expect(samples.filter((sample, i) => i > 0 && samples[i - 1] === sample)).toEqual([]);
    // But in one part of the work, so that whoever stops half-way has labelled pairs.
    const half = order.slice(0, 150);
    const of = (stage: string) =>
      new Set(half.filter((one) => one.stage === stage).map(({ key }) => key.split('/')[2]));
    expect(of('base').intersection(of('sft')).size).toBeGreaterThan(30);
  });

  it('is the same for a seed, and other for another', () => {
    expect(pick(empty, trials(['base', 'sft', 'rl'], 400), 100)).toEqual(frame);
    expect(shown(pick({ ...empty, seed: 8 }, trials(['base'], 400), 100))).not.toEqual(
      shown(pick(empty, trials(['base'], 400), 100)),
    );
  });

  it('gives every trial of a stratum the same chance', () => {
    const counts = new Map<string, number>();
    const all = trials(['sft'], 100);
    for (let seed = 0; seed < 600; seed++) {
      for (const { key } of shown(pick({ ...empty, seed }, all, 30)))
        counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const strata = pick(empty, all, 30).strata;
    for (const { key, says } of all) {
      const { size, picked } = strata.find((one) => one.says === says)!;
      const expected = (600 * picked) / size;
      const slack = 4.5 * Math.sqrt(expected * (1 - picked / size));
      expect(Math.abs((counts.get(key) ?? 0) - expected)).toBeLessThanOrEqual(slack);
    }
  });

  it('grows without changing a pick; later trials are strata of their own', () => {
    const more = extend(frame, trials(['base', 'sft', 'rl', 'late'], 400), 150);
    expect(
      shown(more)
        .slice(0, order.length)
        .map(({ key }) => key),
    ).toEqual(order.map(({ key }) => key));
    expect(shown(more).filter(({ stage }) => stage === 'sft')).toHaveLength(150);
    expect(shown(more).filter(({ stage }) => stage === 'late')).toHaveLength(150);
    expect(more.strata.filter(({ stage }) => stage === 'late').every(({ wave }) => wave === 2)).toBe(true);
    expect(extend(more, trials(['base', 'sft', 'rl', 'late'], 400), 100)).toEqual(more);
  });

  it('keeps a trial in its stratum when the judges change their mind', () => {
    const changed = trials(['base'], 400).map((one) => ({ ...one, says: 'no' as const }));
    const before = pick(empty, trials(['base'], 400), 50);
    expect(extend(before, changed, 80).strata.map(({ size }) => size)).toEqual(
      before.strata.map(({ size }) => size),
    );
  });
});

describe('allocate', () => {
  const stratum = fc
    .record({
      says: fc.constantFrom('yes' as const, 'split' as const, 'no' as const),
      size: fc.integer({ min: 1, max: 500 }),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ says, size, part }) => ({ says, size, picked: Math.floor(size * part * 0.2) }));

  it('gives out all labels, no stratum more than it has or fewer than are picked', () => {
    fc.assert(
      fc.property(fc.array(stratum, { minLength: 1, maxLength: 5 }), fc.nat(400), (strata, labels) => {
        const shares = allocate(strata, labels);
        const total = shares.reduce((sum, share) => sum + share, 0);
        const picked = strata.reduce((sum, one) => sum + one.picked, 0);
        const size = strata.reduce((sum, one) => sum + one.size, 0);
        expect(total).toBe(Math.max(picked, Math.min(labels, size)));
        shares.forEach((share, h) => {
          expect(share).toBeGreaterThanOrEqual(strata[h]!.picked);
          expect(share).toBeLessThanOrEqual(strata[h]!.size);
        });
      }),
    );
  });

  it('gives a small stratum more than its part, the largest the most', () => {
    const strata = [
      { says: 'yes' as const, size: 50, picked: 0 },
      { says: 'split' as const, size: 50, picked: 0 },
      { says: 'no' as const, size: 900, picked: 0 },
    ];
    const [yes, split, no] = allocate(strata, 100) as [number, number, number];
    expect(yes).toBeGreaterThan(10);
    expect(split).toBeGreaterThan(yes);
    expect(no).toBeGreaterThan(split);
  });
});
