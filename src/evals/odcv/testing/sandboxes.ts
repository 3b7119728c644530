import { MissingPartError, type Sandboxes } from '../../../core/index.ts';
import { openSandboxes } from '../../../sandbox/index.ts';

/** Bubblewrap, for tests that need a real sandbox; `skipped` ends their names and says what installs it where it is absent. */
export async function testSandboxes(): Promise<{
  readonly sandboxes: Sandboxes | null;
  readonly skipped: string;
}> {
  try {
    return { sandboxes: await openSandboxes({ engine: 'bubblewrap', atOnce: 6 }), skipped: '' };
  } catch (error) {
    if (!(error instanceof MissingPartError)) throw error;
    return {
      sandboxes: null,
      skipped: ` (skipped: ${error.message}; ${error.remedy ?? 'see stemma doctor'})`,
    };
  }
}
