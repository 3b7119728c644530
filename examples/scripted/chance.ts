import { createHash } from 'node:crypto';
import { normalCdf, normalQuantile } from '../../src/stats/index.ts';

/** A number in (0, 1) that is a function of these parts alone, and looks random in them. */
export function uniform(...parts: readonly (string | number)[]): number {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest();
  return (hash.readUIntBE(0, 6) + 0.5) / 2 ** 48;
}

/**
 * One normal score for each name: the standard normal's quantiles, one each, in an order that looks random. A sample of
 * draws would miss the planted rates by what these few names happen to be; the quantiles as a whole do not.
 */
export function normalScores(names: readonly string[], what: string): ReadonlyMap<string, number> {
  const order = [...names].sort((a, b) => uniform(what, a) - uniform(what, b));
  return new Map(order.map((name, rank) => [name, normalQuantile((rank + 0.5) / order.length)]));
}

/**
 * A draw in (0, 1), uniform by itself, that shares a part of its variance with the other draws of its cluster and of its
 * prompt (a Gaussian copula): so a rate stays what was planted, and trials are correlated all the same.
 *
 * @param scores  of the cluster and the prompt, standard normal
 * @param alike   the share of the variance that each of them has
 * @param trial   what makes this draw its own
 */
export function correlatedUniform(
  scores: { readonly cluster: number; readonly prompt: number },
  alike: { readonly cluster: number; readonly prompt: number },
  ...trial: readonly (string | number)[]
): number {
  const own = 1 - alike.cluster - alike.prompt;
  return normalCdf(
    Math.sqrt(alike.cluster) * scores.cluster +
      Math.sqrt(alike.prompt) * scores.prompt +
      Math.sqrt(own) * normalQuantile(uniform(...trial)),
  );
}
