import { commandServer } from './command-server.ts';
import { llamaServer } from './llama-server.ts';
import type { Server, ServerKind } from './server.ts';
import { transformersServe } from './transformers.ts';
import { vllm } from './vllm.ts';

/** Every kind of server that stemma can start. */
const SERVERS: Readonly<Record<ServerKind, Server>> = {
  vllm,
  'llama-server': llamaServer,
  transformers: transformersServe,
  command: commandServer,
};

export function serverOfKind(kind: ServerKind): Server {
  return SERVERS[kind];
}
