import { MissingPartError, type Sandboxes } from '../core/index.ts';
import { openBubblewrap, tryBubblewrap } from './bubblewrap/index.ts';
import { openDocker } from './docker/index.ts';
import type { SandboxSettings } from './settings.ts';

/**
 * Opens the engine that a study asks for; `auto` is bubblewrap where a sandbox of it really opens, else Docker.
 *
 * @throws MissingPartError naming what was tried and what installs it, where no engine works on this machine
 */
export async function openSandboxes(settings: SandboxSettings): Promise<Sandboxes> {
  if (settings.engine === 'docker') return openDocker(settings);
  const failure = await tryBubblewrap();
  if (failure === null) return openBubblewrap(settings);
  if (settings.engine === 'bubblewrap') throw doesNotWork(failure);
  try {
    return await openDocker(settings);
  } catch (error) {
    if (!(error instanceof MissingPartError)) throw error;
    throw new MissingPartError(
      `no sandbox can be opened on this machine: bubblewrap: ${failure.message}; Docker: ${error.message}`,
      { remedy: 'apt-get install bubblewrap', cause: error },
    );
  }
}

function doesNotWork(failure: Error): Error {
  if (failure instanceof MissingPartError) return failure;
  return new MissingPartError(`bubblewrap is installed and does not work: ${failure.message}`, {
    remedy:
      'stemma doctor says more; as an ordinary user, it needs user namespaces (sysctl user.max_user_namespaces)',
    cause: failure,
  });
}
