import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sandbox, SandboxError, type Sandboxes, type SandboxSpec } from '../../core/index.ts';
import { sandboxLimits } from '../limits.ts';
import { Seats } from '../seats.ts';
import type { SandboxSettings } from '../settings.ts';
import { writeEtc } from './etc.ts';
import { systemLayout } from './layout.ts';
import { Pipes } from './pipes.ts';
import { findPrograms, type Programs } from './programs.ts';
import { openRoom } from './room.ts';
import { BubblewrapSandbox } from './sandbox.ts';
import { writeTools } from './tools.ts';

/** @throws MissingPartError when bubblewrap or util-linux is not installed */
export async function openBubblewrap(settings: SandboxSettings): Promise<Sandboxes> {
  const programs = findPrograms();
  const folder = await mkdtemp(join(tmpdir(), 'stemma-sandboxes-'));
  const [etc, tools] = [join(folder, 'etc'), join(folder, 'tools')];
  await Promise.all([writeEtc(etc), writeTools(tools, programs)]);
  return new BubblewrapSandboxes(settings, programs, { folder, etc, tools });
}

class BubblewrapSandboxes implements Sandboxes {
  readonly engine = 'bubblewrap';
  readonly #settings: SandboxSettings;
  readonly #programs: Programs;
  readonly #places: { readonly folder: string; readonly etc: string; readonly tools: string };
  readonly #pipes: Pipes;
  readonly #seats: Seats;
  readonly #open = new Set<BubblewrapSandbox>();
  readonly #closing = new AbortController();
  #opened = 0;

  constructor(
    settings: SandboxSettings,
    programs: Programs,
    places: { folder: string; etc: string; tools: string },
  ) {
    this.#settings = settings;
    this.#programs = programs;
    this.#places = places;
    this.#pipes = new Pipes(places.folder);
    this.#seats = new Seats(settings.atOnce ?? 2 * availableParallelism());
  }

  async open(spec: SandboxSpec, outside: AbortSignal): Promise<Sandbox> {
    const signal = AbortSignal.any([outside, this.#closing.signal]);
    const giveBack = await this.#seats.take(signal);
    try {
      return await this.#openOne(spec, signal, giveBack);
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  async #openOne(spec: SandboxSpec, signal: AbortSignal, giveBack: () => void): Promise<Sandbox> {
    const limits = sandboxLimits(this.#settings.limits, spec.limits);
    const layout = systemLayout(spec, this.#places);
    const programs = this.#programs;
    const folder = join(this.#places.folder, `room-${this.#opened++}`);
    const room = await openRoom({ layout, limits, programs, folder, cgroups: [], signal });
    const sandbox = new BubblewrapSandbox({
      room,
      limits,
      programs,
      workdir: layout.workdir,
      env: spec.env ?? {},
      pipes: this.#pipes,
      cgroups: [],
      onDispose: () => {
        this.#open.delete(sandbox);
        giveBack();
      },
    });
    this.#open.add(sandbox);
    try {
      for (const [path, { data, mode }] of Object.entries(spec.files ?? {}))
        await sandbox.writeFile(path, data, mode === undefined ? {} : { mode });
      return sandbox;
    } catch (error) {
      await sandbox[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new SandboxError('the sandboxes have been closed'));
    await Promise.all([...this.#open].map((sandbox) => sandbox[Symbol.asyncDispose]()));
    await rm(this.#places.folder, { recursive: true, force: true });
  }
}
