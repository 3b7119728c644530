import { availableParallelism } from 'node:os';
import {
  type Sandbox,
  type SandboxEngine,
  SandboxError,
  type Sandboxes,
  type SandboxSpec,
} from '../core/index.ts';
import { AbortableSemaphore } from './abortable-semaphore.ts';
import type { EngineSandbox } from './engine-sandbox.ts';

/** The sandboxes of any engine: how many are open at once, and that all are closed in the end. */
export abstract class EngineSandboxes<One extends EngineSandbox> implements Sandboxes {
  abstract readonly engine: SandboxEngine;
  protected readonly all = new Set<One>();
  protected readonly closing = new AbortController();
  readonly #permits: AbortableSemaphore;
  readonly #opening = new Set<Promise<One>>();

  constructor(atOnce = 2 * availableParallelism()) {
    this.#permits = new AbortableSemaphore(atOnce);
  }

  /** A sandbox without the task's files. @param onDispose to be called once, when it has been disposed of */
  protected abstract make(spec: SandboxSpec, signal: AbortSignal, onDispose: () => void): Promise<One>;
  /** Gives up what all sandboxes share, when they are closed. */
  protected abstract close(): Promise<void>;

  async open(spec: SandboxSpec, outside: AbortSignal): Promise<Sandbox> {
    const signal = AbortSignal.any([outside, this.closing.signal]);
    const release = await this.#permits.acquire(signal);
    const opening = this.#openOne(spec, signal, release);
    this.#opening.add(opening);
    try {
      return await opening;
    } catch (error) {
      release();
      signal.throwIfAborted();
      throw error;
    } finally {
      this.#opening.delete(opening);
    }
  }

  async #openOne(spec: SandboxSpec, signal: AbortSignal, release: () => void): Promise<One> {
    const sandbox: One = await this.make(spec, signal, () => {
      this.all.delete(sandbox);
      release();
    });
    this.all.add(sandbox);
    try {
      await sandbox.writeFiles(spec.files ?? {});
      signal.throwIfAborted();
      return sandbox;
    } catch (error) {
      await sandbox[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closing.abort(new SandboxError('the sandboxes have been closed'));
    await Promise.allSettled(this.#opening);
    await Promise.all([...this.all].map((sandbox) => sandbox[Symbol.asyncDispose]()));
    await this.close();
  }
}
