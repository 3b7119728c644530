import { type Dispatcher, Pool, ProxyAgent } from 'undici';
import { proxyFor } from './proxy.ts';

/**
 * The connections to one endpoint: kept alive between requests, one request on each at a time, at most as many as
 * requests may be under way. Through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name,
 * as curl reads them; never for this machine itself.
 */
export function openConnections(
  origin: URL,
  { concurrency, timeoutMs }: { readonly concurrency: number; readonly timeoutMs: number },
  env: Readonly<Record<string, string | undefined>>,
): Dispatcher {
  const connect = { timeout: Math.min(timeoutMs, 10_000) };
  const options = { connections: concurrency, pipelining: 1, connect };
  const proxy = proxyFor(origin, env);
  return proxy === undefined
    ? new Pool(origin.origin, options)
    : new ProxyAgent({ uri: proxy, proxyTunnel: true, ...options });
}
