import type { ExecResult, Sampling, SandboxError } from '../../core/index.ts';
import type { BridgeSession } from '../bridge/session.ts';
import type { FoundHarness } from './find.ts';
import type { Launch } from './harness.ts';

/** A trial when the CLI has ended, or was ended. */
export interface HarnessRun {
  readonly session: BridgeSession;
  /** `stopped`: the CLI did not end by itself once its session was over. */
  readonly ended: ExecResult | SandboxError | 'stopped';
  readonly launch: Launch;
  readonly found: FoundHarness;
  readonly sampling: Sampling;
  readonly elapsedMs: number;
}
