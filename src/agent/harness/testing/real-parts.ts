import { MissingPartError } from '../../../core/index.ts';
import { openSandboxes } from '../../../sandbox/index.ts';
import { findHarness } from '../find.ts';
import { type HarnessName, harnessNames } from '../harness.ts';

/** Why a test with a real CLI in a real sandbox can't run here, by the CLI's name; absent where it can. */
export async function missingParts(): Promise<ReadonlyMap<HarnessName, string>> {
  const sandbox = await whyNot(async () => {
    await using sandboxes = await openSandboxes({ engine: 'bubblewrap' });
    await using room = await sandboxes.open({ image: { kind: 'system' } }, new AbortController().signal);
    await room.exec(['true']);
  });
  const missing = new Map<HarnessName, string>();
  for (const name of harnessNames) {
    const reason = sandbox ?? (await whyNot(() => findHarness(name)));
    if (reason !== undefined) missing.set(name, reason);
  }
  return missing;
}

async function whyNot(tryIt: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await tryIt();
    return undefined;
  } catch (error) {
    if (!(error instanceof MissingPartError)) throw error;
    return `${error.message}: ${error.remedy}`;
  }
}
