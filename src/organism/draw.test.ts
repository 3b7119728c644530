import { describe, expect, test } from 'vitest';
import { Chance } from './chance.ts';
import { drawToken } from './draw.ts';

const probabilities = [0.5, 0.3, 0.15, 0.05];
/** Their common offset is of no consequence, even where exp() of it would overflow. */
const logits = Float32Array.from(probabilities, (p) => Math.log(p) + 200);

function frequencies(temperature: number, topP: number): number[] {
  const chance = new Chance(1);
  const counts = probabilities.map(() => 0);
  for (let i = 0; i < 20_000; i++) counts[drawToken(logits, { temperature, topP }, chance).token]! += 1;
  return counts.map((count) => count / 20_000);
}

function expectFrequencies(found: readonly number[], weights: readonly number[]): void {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (const [v, weight] of weights.entries()) {
    const p = weight / total;
    // Five standard errors, of a seeded draw.
    expect(Math.abs(found[v]! - p)).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / 20_000));
  }
}

describe('a token', () => {
  test('is drawn as often as its probability says', () => {
    expectFrequencies(frequencies(1, 1), probabilities);
  });

  test('is drawn from p^(1/T) at another temperature, and at 0 is the likeliest', () => {
    expectFrequencies(
      frequencies(0.5, 1),
      probabilities.map((p) => p ** 2),
    );
    expect(frequencies(0, 1)).toEqual([1, 0, 0, 0]);
  });

  test('is one of the likeliest that together reach topP', () => {
    expectFrequencies(frequencies(1, 0.75), [0.5, 0.3, 0, 0]);
    expect(frequencies(1, 0.01)).toEqual([1, 0, 0, 0]);
  });

  test.each([0, 0.5, 1, 2])(
    'has its log-probability at temperature 1 beside it, drawn at %d',
    (temperature) => {
      const chance = new Chance(2);
      for (let i = 0; i < 50; i++) {
        const { token, logProbability } = drawToken(logits, { temperature, topP: 0.9 }, chance);
        expect(logProbability).toBeCloseTo(Math.log(probabilities[token]!), 4);
      }
    },
  );
});
