import { resolveObjectURL } from 'node:buffer';
import { Worker as NodeWorker } from 'node:worker_threads';

/**
 * jax-js spreads its wasm kernels over a global `Worker` where there is one (a browser has it, Node has not) and runs on
 * one thread otherwise. This is as much of a Web Worker, over `node:worker_threads`, as it uses; it gains about a third.
 */
class WebWorker {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((error: Error) => void) | null = null;
  #waiting: unknown[] | null = [];
  #worker: NodeWorker | null = null;

  constructor(url: string | URL) {
    void this.#start(String(url));
  }

  async #start(url: string): Promise<void> {
    const source = await resolveObjectURL(url)?.text();
    if (source === undefined) throw new Error(`no worker source at ${url}`);
    const prelude =
      'const { parentPort } = require("node:worker_threads"); globalThis.self = globalThis;' +
      'globalThis.postMessage = (message) => parentPort.postMessage(message);' +
      'parentPort.on("message", (data) => self.onmessage({ data }));\n';
    const worker = new NodeWorker(prelude + source, { eval: true });
    worker.on('message', (data) => this.onmessage?.({ data }));
    worker.on('error', (error) => this.onerror?.(error as Error));
    // After the listeners, which hold the process open again: idle workers must not keep a finished command alive. While
    // they work, `keepAliveDuring` does.
    worker.unref();
    for (const message of this.#waiting ?? []) worker.postMessage(message);
    this.#worker = worker;
    this.#waiting = null;
  }

  postMessage(message: unknown): void {
    if (this.#worker) this.#worker.postMessage(message);
    else this.#waiting?.push(message);
  }

  terminate(): void {
    void this.#worker?.terminate();
  }
}

// jax-js looks for it while it is imported: import this module before it.
const scope = globalThis as { Worker?: unknown };
scope.Worker ??= WebWorker;
