import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SampleRef, sampleOrder } from './sample-order.ts';

const at = { name: 'refusals', seed: 7 };

/** @param sizes of the clusters */
const samplesOf = (...sizes: number[]): SampleRef[] =>
  sizes.flatMap((size, cluster) =>
    Array.from({ length: size }, (_, i) => ({ id: `${cluster}-${i}`, cluster: `c${cluster}` })),
  );
const ids = (samples: readonly SampleRef[]) => samples.map(({ id }) => id);

describe('sampleOrder', () => {
  it('is a permutation that depends on the seed and the names alone', () => {
    const samples = samplesOf(10, 3, 7);
    const order = sampleOrder(samples, at);
    expect(ids(order).toSorted()).toEqual(ids(samples).toSorted());
    expect(sampleOrder(samples.toReversed(), at)).toEqual(order);
    expect(ids(order)).not.toEqual(ids(samples));
    expect(sampleOrder(samples, { ...at, seed: 8 })).not.toEqual(order);
    expect(sampleOrder(samples, { ...at, name: 'dilemmas' })).not.toEqual(order);
  });

  it('holds each cluster in its proportion in every part of the order', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 0, max: 1e6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (of, seed, part) => {
          const order = sampleOrder(samplesOf(...of), { name: 'e', seed });
          const beginning = order.slice(0, Math.round(part * order.length));
          for (const [cluster, size] of of.entries()) {
            const found = beginning.filter((sample) => sample.cluster === `c${cluster}`).length;
            // The last place of a beginning of the order is between (n - clusters) / N and (n + clusters) / N.
            const slack = 1 + (size * of.length) / order.length;
            expect(Math.abs(found - (size * beginning.length) / order.length)).toBeLessThanOrEqual(slack);
          }
        },
      ),
    );
  });

  it('keeps the order within a cluster when samples are added', () => {
    const few = sampleOrder(samplesOf(10, 10), at);
    const more = sampleOrder(samplesOf(25, 10, 5), at);
    for (const cluster of ['c0', 'c1']) {
      const before = few.filter((sample) => sample.cluster === cluster);
      const known = new Set(ids(before));
      expect(more.filter(({ id }) => known.has(id)).filter((sample) => sample.cluster === cluster)).toEqual(
        before,
      );
    }
  });
});
