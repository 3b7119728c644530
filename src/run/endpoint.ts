import { InputError } from '../core/index.ts';
import {
  type EndpointSettings,
  type ModelRef,
  type Price,
  parseModelRef,
  priceOf,
  settingsByBaseUrl,
} from '../models/index.ts';

/** What a run must know of where a model is: how much it may ask at once, and what that costs. */
export interface EndpointTerms {
  /** Calls under way at once, at most. */
  readonly concurrency: number;
  /** `null` where nobody gave one. */
  readonly price: Price | null;
}

/** As `EndpointSettings.concurrency` documents it. */
const CONCURRENCY = 32;
/** What costs nothing and waits for nothing: scripted and replayed models. */
const LOCAL: EndpointTerms = { concurrency: CONCURRENCY, price: { input: 0, output: 0 } };

/** An organism answers in batches: the more trials are under way, the fuller they are. */
const ORGANISM: EndpointTerms = { ...LOCAL, concurrency: 256 };

/**
 * @param ref a model ref; that of a `Model` object from TypeScript may be any text, and has no price then
 */
export function termsOf(ref: string, endpoints: Readonly<Record<string, EndpointSettings>>): EndpointTerms {
  const parsed = parsedOrNull(ref);
  if (parsed === null) return { concurrency: CONCURRENCY, price: null };
  if (parsed.protocol === 'organism') return ORGANISM;
  if (parsed.baseUrl === undefined) return LOCAL;
  const settings = settingsByBaseUrl(endpoints).get(parsed.baseUrl) ?? {};
  return { concurrency: settings.concurrency ?? CONCURRENCY, price: priceOf(settings, parsed.model) };
}

/** @throws InputError when dollars are limited and a model that costs some has no price: the budget could not hold */
export function requirePrices(
  models: readonly { readonly ref: string; readonly price: Price | null }[],
  budget: { readonly usd?: number },
): void {
  if (budget.usd === undefined) return;
  const unpriced = models.find(({ ref, price }) => price === null && parsedOrNull(ref) !== null);
  if (!unpriced) return;
  const { endpoint, model } = parsedOrNull(unpriced.ref)!;
  throw new InputError(`the budget is in dollars, but what ${unpriced.ref} costs is not known`, {
    place: { key: 'budget.usd' },
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
