import { InputError } from '../core/index.ts';
import { type Price, priceOf } from './endpoint/price.ts';
import { type EndpointSettings, settingsByBaseUrl } from './endpoint/settings.ts';
import { parseModelRef } from './ref.ts';

/**
 * What the tokens of a model cost that a study names. Models that no server offers (scripted, replayed, organisms) cost nothing.
 *
 * @param ref       of a model; that of a `Model` object from TypeScript may be any text, and has no price then
 * @param endpoints the study's, with the prices that they declare
 * @returns         `null` where nobody said what this model costs
 */
export function priceOfRef(ref: string, endpoints: Readonly<Record<string, EndpointSettings>>): Price | null {
  try {
    const { model, baseUrl } = parseModelRef(ref);
    if (baseUrl === undefined) return { input: 0, output: 0 };
    return priceOf(settingsByBaseUrl(endpoints).get(baseUrl) ?? {}, model, baseUrl);
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}
