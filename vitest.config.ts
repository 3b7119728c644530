import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Plugins import 'stemma'. In a process of its own, stemma answers by itself; a test's modules are loaded by vitest.
  resolve: { alias: { stemma: fileURLToPath(new URL('./src/index.ts', import.meta.url)) } },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
    testTimeout: 30_000,
    // Tests of sandboxes and of the command line mostly wait for other processes: one worker would leave a small machine idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
