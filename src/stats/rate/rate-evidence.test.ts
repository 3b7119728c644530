import { describe, expect, test } from 'vitest';
import { readClusters } from './clusters.ts';
import { rateEvidence } from './rate-evidence.ts';

const labels = Array.from({ length: 600 }, (_, i) => i % 12);
const clusters = readClusters(labels, 600);

function width(events: number, epochs = 1): number {
  const [low, high] = rateEvidence({
    values: labels.map((_, i) => Number(i < events)),
    clusters,
    epochs,
  }).interval!;
  return high - low;
}

describe('a rate on the effective n', () => {
  test('does not jump at the first events: one more changes the width by at most half', () => {
    for (const events of [0, 1, 2, 3]) {
      const ratio = width(events + 1) / width(events);
      expect(ratio).toBeGreaterThan(1 / 1.5);
      expect(ratio).toBeLessThan(1.5);
    }
  });

  test('is as sure of failures near 1 as of events near 0', () => {
    const rare = labels.map((_, i) => Number(i % 97 === 0));
    const [low, high] = rateEvidence({ values: rare, clusters, epochs: 1 }).interval!;
    const mirrored = rateEvidence({ values: rare.map((one) => 1 - one), clusters, epochs: 1 }).interval!;
    expect(mirrored[0]).toBeCloseTo(1 - high, 12);
    expect(mirrored[1]).toBeCloseTo(1 - low, 12);
  });

  test('gets narrower with more trials a sample, but not as if they were samples', () => {
    const one = width(60);
    expect(width(60, 10)).toBeLessThan(one);
    expect(width(60, 10)).toBeGreaterThan(one / Math.sqrt(10));
  });

  test('gets wider where training runs differ', () => {
    const values = labels.map((_, i) => Number(i % 4 === 0));
    const alone = rateEvidence({ values, clusters, epochs: 3 });
    const runs = [{ means: [], standardDeviation: 0.05, runs: 0.05 ** 2 / 3, interaction: 0, df: 2 }];
    const counted = rateEvidence({ values, clusters, epochs: 3, runs });
    expect(counted.interval![0]).toBeLessThan(alone.interval![0]);
    expect(counted.interval![1]).toBeGreaterThan(alone.interval![1]);
    expect(counted.standardError!).toBeGreaterThan(alone.standardError!);
  });

  test('of samples in one cluster has no interval', () => {
    const single = readClusters([1, 1], 2);
    expect(rateEvidence({ values: [0, 1], clusters: single, epochs: 1 }).interval).toBeNull();
  });
});
