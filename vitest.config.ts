import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
    testTimeout: 30_000,
    // Tests of sandboxes and of the command line mostly wait for other processes: one worker would leave a small machine idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
