/** Clusters whose signs are taken together: one byte of random bits, looked up in a table of its 256 sums. */
export const AT_ONCE = 8;

/** For each group of clusters and each byte, the sum with a plus where the byte has a 1; missing clusters count as 0. */
export function signedSums(sums: Float64Array, groups: number): Float64Array {
  const table = new Float64Array(groups << AT_ONCE);
  for (let group = 0; group < groups; group++) {
    const first = group << AT_ONCE;
    for (let cluster = 0; cluster < AT_ONCE; cluster++) {
      const size = sums[group * AT_ONCE + cluster] ?? 0;
      const bit = 1 << cluster;
      // The bytes below this bit are known; those with it are the same with the other sign.
      for (let byte = 0; byte < bit; byte++) {
        table[first | bit | byte] = table[first | byte]! + size;
        table[first | byte]! -= size;
      }
    }
  }
  return table;
}
