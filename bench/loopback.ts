import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Loopback extends AsyncDisposable {
  /** What an OpenAI-compatible client takes as its base URL. */
  readonly baseUrl: string;
}

/** Starts a server that answers every chat completion at once, in a process of its own. @param characters of a response */
export function startLoopback(characters = 200): Promise<Loopback> {
  const child = fork(fileURLToPath(new URL('./loopback-server.ts', import.meta.url)), [String(characters)], {
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the loopback server ended with ${code}`)));
    child.once('message', ({ port }: { port: number }) => {
      resolve({
        baseUrl: `http://127.0.0.1:${port}/v1`,
        async [Symbol.asyncDispose]() {
          child.disconnect();
          await gone;
        },
      });
    });
  });
}
