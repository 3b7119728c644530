import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readClusters } from '../rate/clusters.ts';
import { designEffect, trialsWorth, weightOfData } from '../rate/design-effect.ts';
import { pairedEvidence } from './paired-evidence.ts';

const labels = (clusters: number, size: number) =>
  Array.from({ length: clusters * size }, (_, i) => Math.floor(i / size));

/** The evidence on a rate that is 0 at first, with events at these places later. */
function rare(clusters: number, size: number, events: readonly number[]) {
  const from = new Float64Array(clusters * size);
  const to = from.map((_, i) => Number(events.includes(i)));
  const read = readClusters(labels(clusters, size), from.length);
  return pairedEvidence({ from, to, clusters: read, epochs: 1, bound: 1, kind: 'rate' }, 1);
}

const width = ([low, high]: readonly [number, number]) => high - low;

describe('the effective n', () => {
  test('has no jump at zero: of 0 to 3 events, one more changes a width by at most half', () => {
    const design = fc.record({
      clusters: fc.integer({ min: 10, max: 40 }),
      size: fc.integer({ min: 2, max: 40 }),
      places: fc.array(fc.nat(), { minLength: 3, maxLength: 3 }),
    });
    fc.assert(
      fc.property(design, ({ clusters, size, places }) => {
        const events = [...new Set(places.map((place) => place % (clusters * size)))];
        for (let count = 0; count < events.length; count++) {
          const [before, after] = [count, count + 1].map((known) =>
            width(rare(clusters, size, events.slice(0, known)).interval(0.95)!),
          );
          expect(after! / before!).toBeLessThanOrEqual(1.5);
          expect(after! / before!).toBeGreaterThanOrEqual(1 / 1.5);
        }
      }),
    );
  });

  test('follows the prior without events, and the data with many', () => {
    expect(designEffect({ observed: 5, meanSize: 21, holders: 0 })).toBe(5);
    expect(designEffect({ observed: 9, meanSize: 21, holders: 0 })).toBe(5);
    expect(designEffect({ observed: 9, meanSize: 21, holders: 40 })).toBeCloseTo(9, 9);
    expect(designEffect({ observed: 0.1, meanSize: 21, holders: 40 })).toBe(0.6);
    expect([0, 5, 10].map(weightOfData)).toEqual([0, 1 - Math.exp(-1), 1 - Math.exp(-4)]);
  });

  test('counts repeated trials as far as they differ', () => {
    expect(trialsWorth(1, null, 0)).toBe(1);
    expect(trialsWorth(10, 0, 50)).toBeCloseTo(10, 9);
    expect(trialsWorth(10, 1, 50)).toBe(1);
    expect(() => trialsWorth(0.5, null, 0)).toThrow(RangeError);
  });
});

test('a rate and the same as a score of any unit give the same', () => {
  const [from, to] = [0, 1].map((arm) =>
    Float64Array.from({ length: 60 }, (_, i) => Number((i * 7 + arm * 3) % 11 < 3 + arm)),
  ) as [Float64Array, Float64Array];
  const clusters = readClusters(labels(20, 3), 60);
  const asRate = pairedEvidence({ from, to, clusters, epochs: 1, bound: 1, kind: 'rate' }, 1);
  for (const unit of [1, 10, 100]) {
    const scaled = (values: Float64Array) => values.map((value) => value * unit);
    const arms = {
      from: scaled(from),
      to: scaled(to),
      clusters,
      epochs: 1,
      bound: unit,
      kind: 'score',
    } as const;
    const asScore = pairedEvidence(arms, 1);
    asScore.interval(0.95)!.forEach((end, i) => {
      expect(end / unit).toBeCloseTo(asRate.interval(0.95)![i]!, 12);
    });
    expect(asScore.p).toBeCloseTo(asRate.p!, 12);
    expect(asScore.pEquivalence(0.05 * unit)).toBeCloseTo(asRate.pEquivalence(0.05)!, 12);
  }
});

test('p and the intervals agree, with many clusters and with few', () => {
  const values = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 48, maxLength: 48 });
  fc.assert(
    fc.property(values, values, fc.constantFrom(6, 8, 12, 24), (a, b, count) => {
      const [from, to] = [Float64Array.from(a), Float64Array.from(b)];
      const clusters = readClusters(
        Array.from({ length: 48 }, (_, i) => i % count),
        48,
      );
      const found = pairedEvidence({ from, to, clusters, epochs: 1, bound: 4, kind: 'score' }, 1);
      const [low, high] = found.interval(0.95)!;
      expect(low).toBeLessThanOrEqual(found.difference + 1e-12);
      expect(high).toBeGreaterThanOrEqual(found.difference - 1e-12);
      if (Math.abs(found.p! - 0.05) > 1e-6) expect(low > 0 || high < 0).toBe(found.p! < 0.05);
      const [low90, high90] = found.interval(0.9)!;
      const p = found.pEquivalence(0.5)!;
      if (Math.abs(p - 0.05) > 1e-6) expect(low90 > -0.5 && high90 < 0.5).toBe(p < 0.05);
    }),
  );
});

test('nothing that was seen bounds a score without a range', () => {
  const from = new Float64Array(30);
  const clusters = readClusters(labels(15, 2), 30);
  const none = pairedEvidence({ from, to: from, clusters, epochs: 1, bound: null, kind: 'score' }, 1);
  expect(none).toMatchObject({ method: 'counts', p: null });
  expect(none.interval(0.95)).toBeNull();
});
