import { describe, expect, test } from 'vitest';
import { kernelsOn } from './kernels.ts';

const memory = new WebAssembly.Memory({ initial: 40 });
const floats = new Float32Array(memory.buffer);
const { matmul, scores, mean } = await kernelsOn(memory);

describe('the matrix kernel', () => {
  test.each([
    [4, 8, 1],
    [8, 16, 3],
    [128, 384, 96],
    [12, 480, 96],
  ])('%i×%i over %i agrees with the definition', (m, n, k) => {
    const [a, b, c] = [0, m * k, m * k + k * n];
    for (let i = 0; i < c; i++) floats[i] = Math.sin(i * 1.7);
    matmul(4 * a, 4 * b, 4 * c, m, n, k, 0);
    const once = floats.slice(c, c + m * n);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let expected = 0;
        for (let l = 0; l < k; l++)
          expected += (floats[a + i * k + l] as number) * (floats[b + l * n + j] as number);
        expect(once[i * n + j]).toBeCloseTo(expected, 4);
      }
    }
    matmul(4 * a, 4 * b, 4 * c, m, n, k, 1);
    for (let i = 0; i < m * n; i++) expect(floats[c + i]).toBeCloseTo(2 * (once[i] as number), 3);
  });
});

describe('the attention kernels', () => {
  test.each([
    { count: 1, head: 4, width: 4 },
    { count: 5, head: 4, width: 16 },
    { count: 64, head: 24, width: 96 },
  ])('$count keys of $head floats in rows of $width agree with the definition', ({ count, head, width }) => {
    const [query, rows, out] = [0, 128, 128 + count * width];
    floats.fill(Number.NaN);
    for (let i = 0; i < head; i++) floats[query + i] = Math.sin(1 + i * 1.7);
    for (let i = 0; i < count * width; i++) floats[rows + i] = Math.sin(2 + i * 0.9);
    const value = (t: number, d: number) => floats[rows + t * width + d] as number;
    const sumOver = (n: number, term: (i: number) => number) =>
      Array.from({ length: n }, (_, i) => term(i)).reduce((sum, each) => sum + each, 0);

    scores(4 * query, 4 * rows, 4 * out, count, 4 * head, 4 * width, 0.25);
    for (let t = 0; t < count; t++) {
      const expected = 0.25 * sumOver(head, (d) => (floats[query + d] as number) * value(t, d));
      expect(floats[out + t]).toBeCloseTo(expected, 5);
    }
    expect(floats[out + count], 'nothing is written past the last score').toBeNaN();

    const shares = floats.slice(out, out + count);
    const to = out + 128;
    mean(4 * out, 4 * rows, 4 * to, count, 4 * head, 4 * width);
    for (let d = 0; d < head; d++) {
      expect(floats[to + d]).toBeCloseTo(
        sumOver(count, (t) => (shares[t] as number) * value(t, d)),
        4,
      );
    }
    expect(floats[to + head], 'nothing is written past the head').toBeNaN();
  });
});
