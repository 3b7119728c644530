import { expect, test } from 'vitest';
import { AT_ONCE, signedSums } from './signed-sums.ts';

test('each byte has the sum of its signs', () => {
  const sums = Float64Array.from([1, 2, 4, 8, 16, 32, 64, 128, 256, 512]);
  const table = signedSums(sums, 2);
  for (let group = 0; group < 2; group++) {
    for (let byte = 0; byte < 256; byte++) {
      let expected = 0;
      for (let bit = 0; bit < AT_ONCE; bit++)
        expected += ((byte >> bit) & 1 ? 1 : -1) * (sums[group * AT_ONCE + bit] ?? 0);
      expect(table[(group << AT_ONCE) | byte]).toBe(expected);
    }
  }
});
