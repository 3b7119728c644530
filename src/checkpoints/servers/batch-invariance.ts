import { execFile } from 'node:child_process';

/** vLLM's kernels whose results do not depend on the batch need a card of this generation (Hopper). */
const LEAST_CAPABILITY = 9;

/** Whether all of these cards allow answers that do not depend on what else is in the batch. */
export function batchInvariance(gpus: readonly number[]): Promise<boolean> {
  return new Promise((resolve) => {
    const query = ['--query-gpu=index,compute_cap', '--format=csv,noheader'];
    execFile('nvidia-smi', query, { timeout: 10_000 }, (error, stdout) => {
      resolve(error === null && allow(stdout, gpus));
    });
  });
}

/** @param stdout of nvidia-smi: `0, 9.0` a line */
export function allow(stdout: string, gpus: readonly number[]): boolean {
  const capability = new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(',').map(Number) as [number, number]),
  );
  return gpus.every((gpu) => (capability.get(gpu) ?? 0) >= LEAST_CAPABILITY);
}
