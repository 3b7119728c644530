/**
 * The URL of the proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name, as curl reads them; `undefined` for a direct
 * connection. This machine itself is never asked through one.
 */
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
