import type { Chance } from './chance.ts';

interface DrawnToken {
  readonly token: number;
  /** log p of the token at temperature 1. */
  readonly logProbability: number;
}

/**
 * Draws a token from logits.
 *
 * @param temperature  0 takes the likeliest token
 * @param topP  only the likeliest tokens that together reach this probability are drawn; 1 for all
 */
export function drawToken(
  logits: Float32Array,
  { temperature, topP }: { readonly temperature: number; readonly topP: number },
  chance: Chance,
): DrawnToken {
  let best = 0;
  for (let v = 1; v < logits.length; v++) if (logits[v]! > logits[best]!) best = v;
  const highest = logits[best]!;
  const weights = new Float64Array(logits.length);
  const total = fillWeights(weights, logits, highest, 1);
  const drawn = (token: number): DrawnToken => ({
    token,
    logProbability: logits[token]! - highest - Math.log(total),
  });
  if (temperature <= 0) return drawn(best);
  let kept = temperature === 1 ? total : fillWeights(weights, logits, highest, temperature);
  if (topP < 1) kept = keepNucleus(weights, kept, topP);
  let rest = chance.number() * kept;
  for (let v = 0; v < weights.length; v++) {
    rest -= weights[v]!;
    if (rest < 0) return drawn(v);
  }
  return drawn(best);
}

/** What every token weighs, the likeliest 1; returns their total. */
function fillWeights(
  weights: Float64Array,
  logits: Float32Array,
  highest: number,
  temperature: number,
): number {
  let total = 0;
  for (let v = 0; v < logits.length; v++) {
    const weight = Math.exp((logits[v]! - highest) / temperature);
    weights[v] = weight;
    total += weight;
  }
  return total;
}

/** Leaves only the likeliest weights that together reach `topP` of the total; returns what is left. */
function keepNucleus(weights: Float64Array, total: number, topP: number): number {
  const order = [...weights.keys()].sort((a, b) => weights[b]! - weights[a]!);
  let kept = 0;
  for (const v of order) {
    if (kept >= topP * total) weights[v] = 0;
    else kept += weights[v]!;
  }
  return kept;
}
