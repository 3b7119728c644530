import type { Members } from '../../core/parsed-json.ts';
import { optionalMembers, optionalText } from '../protocols/shape.ts';

/** Response headers by lower-case name, as undici gives them. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/**
 * How long a server asks to be left alone, in milliseconds; `null` where it does not say. In this order:
 *
 *  - `retry-after-ms` (OpenAI, Azure)
 *  - `retry-after`: seconds or an HTTP date (RFC 9110 §10.2.3), by the server's own clock
 *  - `x-ratelimit-reset-requests`, `x-ratelimit-reset-tokens` (OpenAI, vLLM gateways, Groq: "6m0s", "20ms"), the
 *    longer of those whose `x-ratelimit-remaining-…` is 0
 *  - `x-ratelimit-reset` (OpenRouter, …): seconds from now, or the time itself in seconds or milliseconds
 *  - `RetryInfo.retryDelay` in a Google error's details ("34s")
 */
export function askedDelay(headers: ResponseHeaders, body: unknown, now: number): number | null {
  const delay =
    number(headers['retry-after-ms']) ??
    retryAfter(text(headers['retry-after']), text(headers.date), now) ??
    exhaustedReset(headers) ??
    resetTime(number(headers['x-ratelimit-reset']), now) ??
    googleRetryDelay(body);
  return delay === null ? null : Math.max(0, delay);
}

/**
 * Seconds or a date, as it should be; also a negative number (no pause), a list (its first), and a number with a unit. A
 * date is by the server's clock, so it is compared with the server's own `Date` where the answer has one.
 */
function retryAfter(value: string | undefined, date: string | undefined, now: number): number | null {
  if (value === undefined) return null;
  const [, first] = /^(-?\d+(?:\.\d+)?)\s*(?:,.*)?$/.exec(value) ?? [];
  if (first !== undefined) return Number(first) * 1000;
  const [part = ''] = /^[\w.]+/.exec(value) ?? [];
  const asked = duration(part === value || value.startsWith(`${part},`) ? part : undefined);
  if (asked !== null) return asked;
  const until = Date.parse(value);
  if (Number.isNaN(until)) return null;
  const clock = date === undefined ? Number.NaN : Date.parse(date);
  return until - (Number.isNaN(clock) ? now : clock);
}

function exhaustedReset(headers: ResponseHeaders): number | null {
  const delays = ['requests', 'tokens']
    .filter((kind) => number(headers[`x-ratelimit-remaining-${kind}`]) === 0)
    .map((kind) => duration(text(headers[`x-ratelimit-reset-${kind}`])))
    .filter((delay) => delay !== null);
  return delays.length === 0 ? null : Math.max(...delays);
}

function resetTime(value: number | null, now: number): number | null {
  if (value === null) return null;
  if (value > 1e12) return value - now;
  return value > 1e9 ? value * 1000 - now : value * 1000;
}

function googleRetryDelay(body: unknown): number | null {
  const { details } = optionalMembers(optionalMembers(body).error);
  if (!Array.isArray(details)) return null;
  const info = details
    .map(optionalMembers)
    .find((detail: Members) => optionalText(detail['@type']).endsWith('google.rpc.RetryInfo'));
  return info === undefined ? null : duration(optionalText(info.retryDelay));
}

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** A duration as Go prints it: "1h2m3.5s", "20ms"; bare numbers are seconds. */
function duration(value: string | undefined): number | null {
  if (value === undefined || value === '') return null;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  if (!/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(value)) return null;
  let sum = 0;
  for (const [, amount, unit] of value.matchAll(/(?<!\d)(\d+(?:\.\d+)?)(h|ms|m|s)/g))
    sum += Number(amount) * UNITS[unit!]!;
  return sum;
}

function text(value: string | string[] | undefined): string | undefined {
  return (Array.isArray(value) ? value[0] : value)?.trim();
}

function number(value: string | string[] | undefined): number | null {
  const given = text(value);
  return given === undefined || given === '' || Number.isNaN(Number(given)) ? null : Number(given);
}

/**
 * How long to wait before the next try: exponential backoff with full jitter, so that calls that failed together don't
 * come back together. Never less than what the server asked for; more where it keeps asking for too little.
 *
 * @param failures  failures so far, ≥ 1
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffDelay(
  failures: number,
  asked: number | null,
  { firstMs, mostMs }: { readonly firstMs: number; readonly mostMs: number },
): number {
  // Jitter decides when a request is sent, never what it says: no result depends on it.
  const jittered = Math.random() * Math.min(mostMs, firstMs * 2 ** (failures - 1));
  return asked === null ? jittered : Math.max(jittered, asked + Math.random() * firstMs);
}
