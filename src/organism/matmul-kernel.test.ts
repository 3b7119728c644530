import { describe, expect, test } from 'vitest';
import { matmulOn } from './matmul-kernel.ts';

describe('the matrix kernel', async () => {
  const memory = new WebAssembly.Memory({ initial: 40 });
  const floats = new Float32Array(memory.buffer);
  const matmul = await matmulOn(memory);

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
