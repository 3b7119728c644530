import { availableParallelism } from 'node:os';
import { type Sandbox, SandboxError, type Sandboxes, type SandboxSpec } from '../../core/index.ts';
import { AbortableSemaphore } from '../abortable-semaphore.ts';
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

class BubblewrapSandboxes implements Sandboxes {
  readonly engine = 'bubblewrap';
  readonly #settings: SandboxSettings;
  readonly #shared: BubblewrapEngine;
  readonly #permits: AbortableSemaphore;
  readonly #opening = new Set<Promise<unknown>>();
  readonly #open = new Set<BubblewrapSandbox>();
  readonly #closing = new AbortController();

  constructor(settings: SandboxSettings, shared: BubblewrapEngine) {
    this.#settings = settings;
    this.#shared = shared;
    this.#permits = new AbortableSemaphore(settings.atOnce ?? 2 * availableParallelism());
  }

  async open(spec: SandboxSpec, outside: AbortSignal): Promise<Sandbox> {
    const signal = AbortSignal.any([outside, this.#closing.signal]);
    const release = await this.#permits.acquire(signal);
    const opening = this.#openOne(spec, signal, release);
    this.#opening.add(opening);
    try {
      return await opening;
    } catch (error) {
      release();
      throw error;
    } finally {
      this.#opening.delete(opening);
    }
  }

  async #openOne(spec: SandboxSpec, signal: AbortSignal, release: () => void): Promise<Sandbox> {
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
    const sandbox = await this.#furnish(async () => {
      const container = await openContainer({ layout, limits, programs, overlay, cgroups: held, signal });
      return new BubblewrapSandbox({
        ...{ ...commandLimits, container, groups, shells, workdir: layout.workdir },
        env: { ...image.env, ...spec.env },
        onDispose: () => {
          this.#open.delete(sandbox);
          release();
        },
      });
    }, [shells, groups]);
    this.#open.add(sandbox);
    try {
      await sandbox.writeFiles(spec.files ?? {});
      signal.throwIfAborted();
      return sandbox;
    } catch (error) {
      await sandbox[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #furnish(
    make: () => Promise<BubblewrapSandbox>,
    [shells, groups]: [ShellPool, ContainerGroups | null],
  ): Promise<BubblewrapSandbox> {
    try {
      return await make();
    } catch (error) {
      await shells.close();
      await groups?.remove();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new SandboxError('the sandboxes have been closed'));
    await Promise.allSettled(this.#opening);
    await Promise.all([...this.#open].map((sandbox) => sandbox[Symbol.asyncDispose]()));
    await this.#shared.close();
  }
}
