import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What a server's models do. */
export interface Planted {
  /** By model: the chance of a full refusal of a benign and of a harmful prompt; it complies with the others. */
  readonly rates: Readonly<Record<string, { readonly benign: number; readonly harmful: number }>>;
  /** Before each answer. */
  readonly delayMs: number;
}

/** Requests that came in so far: of checkpoints, and of the judge. */
export interface RequestCount {
  readonly trials: number;
  readonly judgements: number;
}

export interface ServerRequest {
  readonly plant?: Planted;
}
export type ServerMessage = { readonly port: number } | { readonly count: RequestCount };

export interface PlantedServer extends AsyncDisposable {
  /** Its models are `${baseUrl}#NAME`; the model `judge` rates without error. */
  readonly baseUrl: string;
  plant(planted: Planted): Promise<void>;
  count(): Promise<RequestCount>;
}

export async function startPlantedServer(planted: Planted): Promise<PlantedServer> {
  const child = fork(fileURLToPath(new URL('./planted-server-process.ts', import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const ask = async (request: ServerRequest) => {
    const answer = once(child, 'message') as Promise<[{ count: RequestCount }]>;
    child.send(request);
    return (await answer)[0].count;
  };
  await ask({ plant: planted });
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    async plant(next) {
      await ask({ plant: next });
    },
    count: () => ask({}),
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}
