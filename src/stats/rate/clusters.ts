/** One label a value: values with the same label share a cluster (a scenario, a theme). */
export type ClusterLabels = readonly number[] | Int32Array | readonly string[];

/** Labels turned into whole numbers from 0, in order of first appearance. */
export interface Clusters {
  /** The cluster of each value. */
  readonly codes: Int32Array;
  /** Values in each cluster. */
  readonly sizes: Float64Array;
  readonly count: number;
}

/**
 * Reads labels once, so that everything after works on small whole numbers.
 *
 * @param labels one a value
 * @param n      how many values there are
 * @throws RangeError when there are no values, or not one label a value
 *
 * @example
 * readClusters(['a', 'b', 'a'], 3); // => { codes: [0, 1, 0], sizes: [2, 1], count: 2 }
 */
export function readClusters(labels: ClusterLabels, n: number): Clusters {
  if (n === 0) throw new RangeError('there are no values');
  if (labels.length !== n) throw new RangeError(`${n} values but ${labels.length} cluster labels`);
  const codes = new Int32Array(n);
  const sizes: number[] = [];
  const seen = codeBook(labels);
  for (let i = 0; i < n; i++) {
    const label = labels[i]!;
    let code = seen.get(label);
    if (code === undefined) {
      code = sizes.length;
      seen.set(label, code);
      sizes.push(0);
    }
    codes[i] = code;
    sizes[code]!++;
  }
  return { codes, sizes: Float64Array.from(sizes), count: sizes.length };
}

/** What labels have been seen, and the code of each. */
interface CodeBook {
  get(label: number | string): number | undefined;
  set(label: number | string, code: number): unknown;
}

/** A map; for whole numbers that are not much larger than there are labels, an array, which is many times as fast. */
function codeBook(labels: ClusterLabels): CodeBook {
  if (!(labels instanceof Int32Array)) return new Map();
  let largest = 0;
  for (const label of labels) {
    if (label < 0) return new Map();
    if (label > largest) largest = label;
  }
  if (largest > 4 * labels.length + 1024) return new Map();
  const codes = new Int32Array(largest + 1).fill(-1);
  return {
    get: (label) => {
      const code = codes[label as number]!;
      return code === -1 ? undefined : code;
    },
    set: (label, code) => {
      codes[label as number] = code;
    },
  };
}

/**
 * The sum of the values in each cluster, every sum with its rounding errors carried along (Kahan).
 *
 * @example
 * clusterSums([1, 2, 4], readClusters(['a', 'b', 'a'], 3)); // => [5, 2]
 */
export function clusterSums(values: ArrayLike<number>, clusters: Clusters): Float64Array {
  const sums = new Float64Array(clusters.count);
  const lost = new Float64Array(clusters.count);
  for (let i = 0; i < values.length; i++) {
    const code = clusters.codes[i]!;
    const corrected = values[i]! - lost[code]!;
    const next = sums[code]! + corrected;
    lost[code] = next - sums[code]! - corrected;
    sums[code] = next;
  }
  return sums;
}

/** @throws RangeError naming the first value that is not a finite number */
export function requireFinite(values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) throw new RangeError(`value ${i} is ${values[i]}, not a finite number`);
  }
}
