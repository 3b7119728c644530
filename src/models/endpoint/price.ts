import type { Usage } from '../../core/index.ts';
import { isLoopback } from './proxy.ts';

/** What a million tokens cost, in US dollars. */
export interface Price {
  readonly input: number;
  /** Thoughts included. */
  readonly output: number;
}

/** What tokens cost at an endpoint. */
export interface Prices {
  /** Of every model there that has no price of its own. */
  readonly price?: Price;
  /** By a model's name there. */
  readonly prices?: Readonly<Record<string, Price>>;
}

/**
 * What a model's tokens cost. A server on this machine costs nothing unless the study gives a price.
 *
 * @param baseUrl where the model is
 * @returns `null` where nobody said what this model costs
 */
export function priceOf({ price, prices = {} }: Prices, model: string, baseUrl: string | null): Price | null {
  const given = (Object.hasOwn(prices, model) ? prices[model] : price) ?? null;
  if (given !== null || baseUrl === null) return given;
  return isLoopback(new URL(baseUrl).hostname) ? { input: 0, output: 0 } : null;
}

/** In US dollars. Tokens that the provider did not count cost nothing here. */
export function costOf(usage: Pick<Usage, 'inputTokens' | 'outputTokens'>, price: Price): number {
  return ((usage.inputTokens ?? 0) * price.input + (usage.outputTokens ?? 0) * price.output) / 1e6;
}
