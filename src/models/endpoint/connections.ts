import { type Dispatcher, Pool, ProxyAgent } from 'undici';

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

/** The proxy's URL; `undefined` for a direct connection. */
export function proxyFor(origin: URL, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const name = origin.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = env[name.toLowerCase()] || env[name];
  if (!proxy || isLoopback(origin.hostname)) return undefined;
  const exempt = (env.no_proxy || env.NO_PROXY || '').split(/[\s,]+/).filter((entry) => entry !== '');
  return exempt.some((entry) => covers(entry, origin)) ? undefined : proxy;
}

/** Whether a host is this machine itself, by its name or address. */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
  );
}

/** `NO_PROXY` entries name a host with all below it, a host and port, or `*` for all. */
function covers(entry: string, { hostname, host }: URL): boolean {
  if (entry === '*') return true;
  const name = entry.toLowerCase().replace(/^\*?\./, '');
  return hostname === name || host === name || hostname.endsWith(`.${name}`);
}
