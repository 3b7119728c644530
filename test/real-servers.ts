import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Where the real models and their server are. */
export const realModels =
  process.env.STEMMA_REAL_MODELS ?? join(homedir(), '.cache', 'stemma', 'real-models');
const script = fileURLToPath(new URL('../scripts/real-models/serve.py', import.meta.url));

/** Why the tests on real models can't run here; `null` where they can. */
export const noRealModels = existsSync(join(realModels, 'done'))
  ? null
  : 'no real models: python3 scripts/real-models/install.py ~/.cache/stemma/real-models';

/** A llama.cpp server on one of the installed models. */
export interface RealServer extends AsyncDisposable {
  /** Its base URL, for refs. */
  readonly url: string;
}

/** @param model  `smollm2` (a chat model) or `gemma3-base` (pretrained only) */
export async function startRealServer(model: 'smollm2' | 'gemma3-base'): Promise<RealServer> {
  const port = await freePort();
  const child = spawn('python3', [script, join(realModels, `${model}.gguf`), String(port), model], {
    env: { ...process.env, PYTHONPATH: join(realModels, 'server') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (data) => {
    said = (said + data).slice(-2000);
  });
  await untilHealthy(`http://127.0.0.1:${port}/health`, child, () => said);
  return {
    url: `http://127.0.0.1:${port}/v1`,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

async function untilHealthy(url: string, child: ChildProcess, said: () => string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) throw new Error(`the server ended: ${said()}`);
    const healthy = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (healthy) return;
    await pass(200);
  }
  child.kill('SIGKILL');
  throw new Error(`the server was not ready in two minutes: ${said()}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
