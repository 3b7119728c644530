import { useCallback, useSyncExternalStore } from 'react';

/** Where the reader is: all of it stands in the address, so that it can be shared and gone back to. */
interface Address {
  /** `['runs', '0', 'trials']` for `#/runs/0/trials?…`. */
  readonly path: readonly string[];
  readonly parameters: URLSearchParams;
}

/** @example parseAddress('#/runs/0/trials?stage=sft').path // => ['runs', '0', 'trials'] */
export function parseAddress(hash: string): Address {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const parts = path.split('/').filter((part) => part !== '');
  return { path: parts.map(decoded), parameters: new URLSearchParams(query) };
}

/** The hash of an address. Empty parameters are left out. */
export function addressText(
  path: readonly string[],
  parameters: URLSearchParams | Readonly<Record<string, string>> = {},
): string {
  const kept = [...new URLSearchParams(parameters)].filter(([, value]) => value !== '');
  const query = new URLSearchParams(kept).toString();
  return `#/${path.map(encodeURIComponent).join('/')}${query === '' ? '' : `?${query}`}`;
}

export function useAddress(): Address {
  const hash = useSyncExternalStore(
    (changed) => {
      window.addEventListener('hashchange', changed);
      return () => window.removeEventListener('hashchange', changed);
    },
    () => window.location.hash,
  );
  return parseAddress(hash);
}

/** Goes elsewhere. `replace`: without a step to go back to, for what changes as one types. */
export function go(hash: string, replace = false): void {
  // The browser's own event comes later, and a checkbox would show its old state until then.
  window.history[replace ? 'replaceState' : 'pushState'](null, '', hash);
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}

/** Changes parameters of the address and leaves the others. `null` takes a parameter away. */
export function useSetParameters(): (
  changes: Readonly<Record<string, string | readonly string[] | null>>,
  replace?: boolean,
) => void {
  return useCallback((changes, replace = false) => {
    const { path, parameters } = parseAddress(window.location.hash);
    for (const [name, value] of Object.entries(changes)) {
      parameters.delete(name);
      for (const each of typeof value === 'string' ? [value] : (value ?? [])) parameters.append(name, each);
    }
    go(addressText(path, parameters), replace);
  }, []);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
