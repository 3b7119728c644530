import { InputError } from '../../core/index.ts';
import { MOST_TIMER_MS } from '../../core/most-timer.ts';
import { withoutUrlSecrets } from '../../core/url-secrets.ts';
import { nearest } from '../../files/index.ts';
import { normalBaseUrl, PROVIDERS } from '../ref.ts';
import type { Prices } from './price.ts';

/** How to use one endpoint. All models there share its limits. Documented in docs/models.md. */
export interface EndpointSettings extends Prices {
  /** The most requests under way at once; default 32. */
  readonly concurrency?: number;
  readonly requestsPerMinute?: number;
  /** Input and output together. */
  readonly tokensPerMinute?: number;
  /** For one try, from the first byte sent to the last received; default 10 minutes. */
  readonly timeoutMs?: number;
  /** Tries after the first one; default 8. */
  readonly retries?: number;
  /** Which environment variable holds the key. */
  readonly apiKeyEnv?: string;
  /** Sent with every request; `${NAME}` in a value stands for an environment variable. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The longest silence within a body; default 2 minutes. */
  readonly idleTimeoutMs?: number;
  /** The largest answer that is read; default 8 MiB. */
  readonly maxBodyBytes?: number;
  /** The first backoff is up to this long, each later one up to twice the one before; default 500. */
  readonly backoffMs?: number;
  /** No backoff is longer than this; default one minute. */
  readonly maxBackoffMs?: number;
  /** A server that asks for a longer pause than this is given up on; default 10 minutes. */
  readonly maxRetryAfterMs?: number;
}

/** The settings of an endpoint with all defaults in. */
export interface ResolvedSettings {
  readonly concurrency: number;
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
  readonly timeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxBodyBytes: number;
  readonly retries: number;
  readonly backoff: { readonly firstMs: number; readonly mostMs: number };
  readonly maxRetryAfterMs: number;
  readonly apiKeyEnv: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly prices: Prices;
}

export function resolveSettings(given: EndpointSettings): ResolvedSettings {
  const timeoutMs = given.timeoutMs ?? 600_000;
  return {
    concurrency: given.concurrency ?? 32,
    requestsPerMinute: given.requestsPerMinute ?? null,
    tokensPerMinute: given.tokensPerMinute ?? null,
    timeoutMs,
    idleTimeoutMs: given.idleTimeoutMs ?? Math.min(timeoutMs, 120_000),
    maxBodyBytes: given.maxBodyBytes ?? 8 * 2 ** 20,
    retries: given.retries ?? 8,
    backoff: { firstMs: given.backoffMs ?? 500, mostMs: given.maxBackoffMs ?? 60_000 },
    maxRetryAfterMs: given.maxRetryAfterMs ?? 600_000,
    apiKeyEnv: given.apiKeyEnv ?? null,
    headers: given.headers ?? {},
    prices: given,
  };
}

/**
 * The settings by base URL. A provider's name is short for its base URL, and what is said under the URL goes before
 * what is said under the name.
 *
 * @throws InputError for a key that is neither, and for numbers out of range
 */
export function settingsByBaseUrl(
  endpoints: Readonly<Record<string, EndpointSettings>>,
): ReadonlyMap<string, EndpointSettings> {
  const byName = new Map(Object.values(PROVIDERS).map(({ endpoint, baseUrl }) => [endpoint, baseUrl]));
  const settings = new Map<string, EndpointSettings>();
  const namesFirst = Object.keys(endpoints).sort((a, b) => Number(byName.has(b)) - Number(byName.has(a)));
  for (const key of namesFirst) {
    const given = endpoints[key]!;
    const place = { key: withoutUrlSecrets(`endpoints.${key}`) };
    checkNumbers(given, place);
    const baseUrl = byName.get(key) ?? (/^https?:/.test(key) ? normalBaseUrl(key) : undefined);
    if (baseUrl === undefined) {
      const meant = nearest(key, byName.keys());
      const guess =
        meant === undefined ? `Providers: ${[...byName.keys()].join(', ')}.` : `Did you mean "${meant}"?`;
      const remedy = `Endpoints go by base URL (http://host:8000/v1) or provider. ${guess}`;
      throw new InputError(withoutUrlSecrets(`"${key}" is not an endpoint`), { place, remedy });
    }
    settings.set(baseUrl, { ...settings.get(baseUrl), ...given });
  }
  return settings;
}

const LEAST: Readonly<Partial<Record<keyof EndpointSettings, number>>> = {
  concurrency: 1,
  requestsPerMinute: 1e-6,
  tokensPerMinute: 1e-6,
  timeoutMs: 1,
  idleTimeoutMs: 1,
  maxBodyBytes: 1,
  retries: 0,
  backoffMs: 0,
  maxBackoffMs: 0,
  maxRetryAfterMs: 0,
};

function checkNumbers(given: EndpointSettings, { key }: { key: string }): void {
  for (const [name, least] of Object.entries(LEAST)) {
    const value = given[name as keyof EndpointSettings] as unknown;
    if (value === undefined) continue;
    const whole = name === 'concurrency' || name === 'retries';
    if (name.endsWith('Ms') && Number(value) > MOST_TIMER_MS)
      throw new InputError(`${name} is ${value}, more than a timer can wait`, {
        place: { key: `${key}.${name}` },
        remedy: `At most ${MOST_TIMER_MS} milliseconds (24 days).`,
      });
    if (typeof value === 'number' && value >= least && (whole ? Number.isInteger(value) : true)) continue;
    const wanted = `a ${whole ? 'whole number' : 'number'} of ${least >= 1 || least === 0 ? `at least ${least}` : 'more than 0'}`;
    throw new InputError(`${name} is ${value}, not ${wanted}`, { place: { key: `${key}.${name}` } });
  }
}
