import type { Sandbox, Sandboxes, SandboxSpec } from '../../../core/index.ts';
import type { SandboxSettings } from '../../settings.ts';

export interface ContractOptions {
  /** How the engine's sandboxes are opened. */
  readonly open: (settings: SandboxSettings) => Promise<Sandboxes>;
  readonly settings: SandboxSettings;
  /** Limits that nothing holds on this machine; their tests are skipped by name. */
  readonly unheld?: readonly ('memory' | 'processes')[];
  /** How many sandboxes are opened at once; default 20. */
  readonly crowd?: number;
}

/** What the tests of every topic need. Sandboxes are there once tests run, not while they are listed. */
export interface Given {
  readonly options: ContractOptions;
  readonly sandboxes: Sandboxes;
  /** One for all tests that leave it well. */
  readonly sandbox: Sandbox;
  /** Another one; the test's to dispose of. */
  opened(spec?: Partial<SandboxSpec>): Promise<Sandbox>;
}

export const SYSTEM: SandboxSpec = { image: { kind: 'system' } };
export const MiB = 2 ** 20;
export const never = new AbortController().signal;
export const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
