import type { SandboxLimits } from '../core/index.ts';

const MiB = 2 ** 20;

const DEFAULT_LIMITS: SandboxLimits = {
  timeoutMs: 60_000,
  memoryBytes: 1024 * MiB,
  processes: 256,
  fileBytes: 256 * MiB,
  diskBytes: 1024 * MiB,
  cpus: 1,
  outputBytes: MiB,
};

/** The defaults, with what the study and then the task say otherwise. */
export function sandboxLimits(...overrides: readonly (Partial<SandboxLimits> | undefined)[]): SandboxLimits {
  return Object.assign({}, DEFAULT_LIMITS, ...overrides) as SandboxLimits;
}

/** Files in memory count as memory, so they take up three quarters of it at most: else a full disk would end the commands. */
export function writableBytes({ diskBytes, memoryBytes }: SandboxLimits): number {
  return Math.min(diskBytes, Math.floor(memoryBytes * 0.75));
}
