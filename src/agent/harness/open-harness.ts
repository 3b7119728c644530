import { realpath } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { SandboxSpec } from '../../core/index.ts';
import type { Bridge } from '../bridge/server.ts';
import { type FoundHarness, findHarness } from './find.ts';
import type { HarnessName } from './harness.ts';

/** Where the parts of a harness are inside. */
export const INSIDE = {
  node: '/opt/stemma/node',
  relay: '/opt/stemma/relay.mjs',
  cli: '/opt/stemma/cli',
  socket: '/opt/stemma/bridge.sock',
} as const;

/**
 * A CLI that is ready to run in a sandbox: one a trial. Its socket must be there when the sandbox opens, so it is opened
 * first, and disposed of last.
 *
 * ```ts
 * await using harness = await openHarness('gemini-cli');
 * await using sandbox = await sandboxes.open(harness.spec(base), signal);
 * const outcome = await runHarness({ harness, sandbox, subject, prompt, sampling, signal, limits });
 * ```
 */
export interface OpenHarness extends AsyncDisposable {
  readonly found: FoundHarness;
  readonly bridge: Bridge;
  /** What a sandbox is opened with so that the CLI can run in it. */
  spec(base: SandboxSpec): SandboxSpec;
}

/** @throws MissingPartError naming the command that installs the CLI, where it is not on this machine */
export async function openHarness(name: HarnessName): Promise<OpenHarness> {
  const found = await findHarness(name);
  const node = await realpath(process.execPath);
  // Loaded here: importing node:http takes long, and most commands open no bridge.
  const { Bridge } = await import('../bridge/server.ts');
  const bridge = await Bridge.open(found.kind.protocol);
  return {
    found,
    bridge,
    spec: (base) => ({
      ...base,
      sockets: { ...base.sockets, [INSIDE.socket]: bridge.socket },
      readOnly: {
        ...base.readOnly,
        [INSIDE.node]: node,
        [INSIDE.relay]: fileURLToPath(new URL('../bridge/relay.mjs', import.meta.url)),
        [INSIDE.cli]: found.program.mount,
      },
    }),
    [Symbol.asyncDispose]: () => bridge[Symbol.asyncDispose](),
  };
}
