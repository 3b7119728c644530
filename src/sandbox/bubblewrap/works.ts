import { openBubblewrap } from './sandboxes.ts';

const PATIENCE_MS = 30_000;

let tried: Promise<Error | null> | undefined;

/** Opens a sandbox and runs a command in it, once in the life of this process. @returns why that failed; `null`: it works */
export function tryBubblewrap(): Promise<Error | null> {
  tried ??= openAndRun();
  return tried;
}

async function openAndRun(): Promise<Error | null> {
  try {
    await using sandboxes = await openBubblewrap({ engine: 'bubblewrap', atOnce: 1 });
    const signal = AbortSignal.timeout(PATIENCE_MS);
    await using sandbox = await sandboxes.open({ image: { kind: 'system' } }, signal);
    const { exitCode, stderr } = await sandbox.exec('touch here && cat here', { signal });
    return exitCode === 0 ? null : new Error(stderr.trim() || 'a command in it failed');
  } catch (error) {
    return error as Error;
  }
}
