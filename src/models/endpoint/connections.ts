/// <reference path="./undici-parts.d.ts" />
import type { Dispatcher } from 'undici';
// Not undici's index: its fetch, caches and sockets take as long to load as the rest of a short run's modules.
import Pool from 'undici/lib/dispatcher/pool.js';

/** As much of an endpoint's settings as its connections need. */
export interface ConnectionLimits {
  readonly concurrency: number;
  readonly timeoutMs: number;
}

/**
 * The connections to one endpoint: kept alive between requests, one request on each at a time, at most as many as
 * requests may be under way.
 */
export function openConnections(origin: URL, limits: ConnectionLimits): Dispatcher {
  return new Pool(origin.origin, connectionOptions(limits));
}

export function connectionOptions({ concurrency, timeoutMs }: ConnectionLimits) {
  return {
    connections: concurrency,
    pipelining: 1,
    connect: { timeout: Math.min(timeoutMs, 10_000) },
  };
}
