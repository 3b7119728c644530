import type { Sandboxes, SandboxSpec } from '../../core/index.ts';
import { EngineSandboxes } from '../engine-sandboxes.ts';
import { resolveImage } from '../image/index.ts';
import { sandboxLimits } from '../limits.ts';
import type { SandboxSettings } from '../settings.ts';
import { ContainerGroups } from './cgroups.ts';
import { openContainer } from './container.ts';
import { type BubblewrapEngine, startEngine } from './engine.ts';
import { layOut } from './layout.ts';
import { overlayOptions } from './overlay.ts';
import { BubblewrapSandbox } from './sandbox.ts';
import { ShellPool } from './shell-pool.ts';

/** @throws MissingPartError when bubblewrap or util-linux is not installed */
export async function openBubblewrap(settings: SandboxSettings): Promise<Sandboxes> {
  return new BubblewrapSandboxes(settings, await startEngine());
}

/** Over all openings of this process: a control group is named by it. */
let opened = 0;

class BubblewrapSandboxes extends EngineSandboxes<BubblewrapSandbox> {
  readonly engine = 'bubblewrap';
  readonly #settings: SandboxSettings;
  readonly #shared: BubblewrapEngine;

  constructor(settings: SandboxSettings, shared: BubblewrapEngine) {
    super(settings.atOnce);
    this.#settings = settings;
    this.#shared = shared;
  }

  protected async make(
    spec: SandboxSpec,
    signal: AbortSignal,
    onDispose: () => void,
  ): Promise<BubblewrapSandbox> {
    const { cache, limits: settled } = this.#settings;
    const { programs, cgroups, filter, unheld, pipes, hostFolders } = this.#shared;
    const limits = sandboxLimits(settled, spec.limits);
    const image = await resolveImage(spec.image, { ...(cache !== undefined && { cache }), signal });
    const layout = layOut(spec, image, hostFolders);
    const overlay = layout.root === null ? null : await overlayOptions(programs);
    const groups = cgroups && new ContainerGroups(cgroups, opened++, limits);
    const commandLimits = { programs, limits, filter, unheld };
    const shells = new ShellPool(commandLimits, pipes, groups);
    for (const kind of ['commands', 'own'] as const) shells.prepare(kind);
    const held = layout.root === null ? [] : (groups?.memory ?? []);
    try {
      const container = await openContainer({ layout, limits, programs, overlay, cgroups: held, signal });
      return new BubblewrapSandbox({
        ...{ ...commandLimits, container, groups, shells, workdir: layout.workdir, onDispose },
        env: { ...image.env, ...spec.env },
      });
    } catch (error) {
      await shells.close();
      await groups?.remove();
      throw error;
    }
  }

  protected close(): Promise<void> {
    return this.#shared.close();
  }
}
