import type { SandboxEngine, SandboxLimits } from '../core/index.ts';

/** How a study's sandboxes are opened; the same in every arm. */
export interface SandboxSettings {
  /** `auto`: bubblewrap where it works, else Docker; a plan has settled it where samples bring Dockerfiles. */
  readonly engine: SandboxEngine | 'auto';
  /** The Docker image that the image `system` stands for; needed under Docker only. */
  readonly baseImage?: string;
  /** The most sandboxes open at once; default: twice the CPUs. */
  readonly atOnce?: number;
  readonly limits?: Partial<SandboxLimits>;
  /** Where built images are kept; default: `stemma/images` in the user's cache folder. */
  readonly cache?: string;
}
