import { InputError } from '../core/index.ts';
import {
  type EndpointSettings,
  type ModelRef,
  type Price,
  parseModelRef,
  priceOfRef,
  settingsByBaseUrl,
} from '../models/index.ts';
import type { Study } from '../study/index.ts';

/** What a run must know of an endpoint: how many calls it takes at once, and what they cost. */
export interface EndpointTerms {
  /** Calls under way at once, at most. */
  readonly concurrency: number;
  /** `null` where nobody gave one. */
  readonly price: Price | null;
  /** Whether it is behind a network. */
  readonly remote: boolean;
}

/** As `EndpointSettings.concurrency` documents it. */
const CONCURRENCY = 32;
/** Scripted and replayed models cost nothing and wait for nothing. */
const LOCAL: EndpointTerms = { concurrency: CONCURRENCY, price: { input: 0, output: 0 }, remote: false };

/** An organism answers in batches. More trials under way make fuller batches. */
const ORGANISM: EndpointTerms = { ...LOCAL, concurrency: 256 };

/**
 * @param ref a model ref; that of a `Model` object from TypeScript may be any text, and has no price then
 */
export function termsOf(ref: string, endpoints: Readonly<Record<string, EndpointSettings>>): EndpointTerms {
  const parsed = parsedOrNull(ref);
  if (parsed === null) return { concurrency: CONCURRENCY, price: null, remote: false };
  if (parsed.protocol === 'organism') return ORGANISM;
  if (parsed.baseUrl === undefined) return LOCAL;
  const settings = settingsByBaseUrl(endpoints).get(parsed.baseUrl) ?? {};
  return {
    concurrency: settings.concurrency ?? CONCURRENCY,
    price: priceOfRef(ref, endpoints),
    remote: true,
  };
}

/**
 * @throws InputError when dollars are limited and a stage or judge whose tokens cost some has no price: the budget could
 *   not hold
 */
export function requirePrices({
  stages,
  raters,
  endpoints,
  budget,
  locate,
}: Pick<Study, 'stages' | 'raters' | 'endpoints' | 'budget' | 'locate'>): void {
  if (budget.usd === undefined) return;
  const judges = raters.filter((rater) => rater.kind === 'autorater');
  const unpriced = [...stages, ...judges]
    .map(({ model: { ref } }) => ref)
    .find((ref) => termsOf(ref, endpoints).price === null && parsedOrNull(ref) !== null);
  if (unpriced === undefined) return;
  const { endpoint, model } = parsedOrNull(unpriced)!;
  throw new InputError(`the budget is in dollars, but what ${unpriced} costs is not known`, {
    place: locate(['budget', 'usd']),
    remedy: `Give its price per million tokens: endpoints: { "${endpoint}": { prices: { "${model}": { input: …, output: … } } } } (or price, for all models there), or limit tokens.`,
  });
}

function parsedOrNull(ref: string): ModelRef | null {
  try {
    return parseModelRef(ref);
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}
