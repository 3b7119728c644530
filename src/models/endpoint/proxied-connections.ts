import { type Dispatcher, ProxyAgent } from 'undici';
import { type ConnectionLimits, connectionOptions } from './connections.ts';

/** The same as `openConnections`, through a tunnel of the proxy. @param proxy its URL */
export function openProxiedConnections(proxy: string, limits: ConnectionLimits): Dispatcher {
  return new ProxyAgent({ uri: proxy, proxyTunnel: true, ...connectionOptions(limits) });
}
