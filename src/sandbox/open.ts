import type { Sandboxes } from '../core/index.ts';
import { openBubblewrap } from './bubblewrap/index.ts';
import type { SandboxSettings } from './settings.ts';

/** @throws MissingPartError naming what installs the engine, where it is not on this machine or does not work */
export async function openSandboxes(settings: SandboxSettings): Promise<Sandboxes> {
  return openBubblewrap(settings);
}
