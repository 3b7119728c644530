import type { Sandbox, SandboxEngine, Sandboxes, SandboxSpec } from '../core/index.ts';
import type { SandboxSettings } from '../sandbox/index.ts';

/** The sandboxes of a run, opened with the first that is asked for: most studies need none. */
export class RunSandboxes implements Sandboxes {
  readonly #settings: SandboxSettings;
  #opened: Promise<Sandboxes> | undefined;
  #engine: SandboxEngine | undefined;

  constructor(settings: SandboxSettings) {
    this.#settings = settings;
  }

  /** Looks for the engine now, so that its absence is told before anything is asked. @throws MissingPartError */
  async ready(): Promise<Sandboxes> {
    this.#opened ??= this.#open();
    const sandboxes = await this.#opened;
    this.#engine = sandboxes.engine;
    return sandboxes;
  }

  async #open(): Promise<Sandboxes> {
    const { openSandboxes } = await import('../sandbox/index.ts');
    return openSandboxes(this.#settings);
  }

  get engine(): SandboxEngine {
    if (this.#engine === undefined) throw new TypeError('the engine is known once the first sandbox is open');
    return this.#engine;
  }

  async open(spec: SandboxSpec, signal: AbortSignal): Promise<Sandbox> {
    return (await this.ready()).open(spec, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.[Symbol.asyncDispose]();
  }
}
