import { describe, expect, test } from 'vitest';
import { clusterSums, readClusters, requireFinite } from './clusters.ts';

describe('readClusters', () => {
  test('numbers labels in order of first appearance, whatever they are', () => {
    const { codes, sizes, count } = readClusters(['b', 'a', 'b', 'c'], 4);
    expect([...codes]).toEqual([0, 1, 0, 2]);
    expect([...sizes]).toEqual([2, 1, 1]);
    expect(count).toBe(3);
    expect([...readClusters(Int32Array.of(7, 7, -2), 3).codes]).toEqual([0, 0, 1]);
  });

  test('refuses no values, and labels that are not one a value', () => {
    expect(() => readClusters([], 0)).toThrow(/there are no values/);
    expect(() => readClusters([1, 2], 3)).toThrow(/3 values but 2 cluster labels/);
  });
});

test('clusterSums adds within clusters and keeps small numbers beside large ones', () => {
  const clusters = readClusters([0, 1, 0, 0, 1], 5);
  expect([...clusterSums([1e16, 1, 1, 1, 2], clusters)]).toEqual([1e16 + 2, 3]);
});

test('requireFinite names the value that is none', () => {
  expect(() => requireFinite([0, 1, Number.NaN])).toThrow('value 2 is NaN, not a finite number');
  expect(() => requireFinite([])).not.toThrow();
});
