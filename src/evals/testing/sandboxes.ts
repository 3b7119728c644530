import { MissingPartError, type SandboxEngine, type Sandboxes } from '../../core/index.ts';
import { openSandboxes } from '../../sandbox/index.ts';

/** What tests say where an engine does not work. */
const REMEDIES: Readonly<Record<SandboxEngine, string>> = {
  bubblewrap: 'bubblewrap does not work here: apt-get install bubblewrap',
  docker: 'no Docker daemon or no image stemma-base: bash scripts/docker-base.sh',
};

/** An engine for tests that need a real sandbox. */
export interface TestSandboxes {
  readonly engine: SandboxEngine;
  /** `null` where the engine does not work on this machine. */
  readonly sandboxes: Sandboxes | null;
  /** The end of a test's name: says what is missing, and what installs it. */
  readonly skipped: string;
}

/** Opens an engine; what goes wrong otherwise than by a missing part is thrown. */
export async function testSandboxes(
  engine: SandboxEngine = 'bubblewrap',
  atOnce = 6,
): Promise<TestSandboxes> {
  try {
    return { engine, sandboxes: await openSandboxes({ engine, atOnce }), skipped: '' };
  } catch (error) {
    if (!(error instanceof MissingPartError)) throw error;
    return { engine, sandboxes: null, skipped: ` (skipped: ${REMEDIES[engine]})` };
  }
}

/** Every engine, for tests that must come to the same on each. */
export function everyEngine(atOnce: number): Promise<readonly TestSandboxes[]> {
  return Promise.all((['bubblewrap', 'docker'] as const).map((engine) => testSandboxes(engine, atOnce)));
}
