import { MissingPartError, type Sandboxes } from '../core/index.ts';
import type { SandboxSettings } from './settings.ts';

/** @throws MissingPartError naming what installs the engine, where it is not on this machine or does not work */
export async function openSandboxes(settings: SandboxSettings): Promise<Sandboxes> {
  throw new MissingPartError(`no sandbox engine (${settings.engine}) works on this machine`, {
    remedy: 'apt-get install bubblewrap',
  });
}
