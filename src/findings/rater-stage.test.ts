import { describe, expect, it } from 'vitest';
import { makeFindings } from './index.ts';
import { chance, plantedRun } from './testing/planted-run.ts';

/** A strict and a mild rater; the mild one overlooks a part of what there is at the last stage. */
function run(overlooked: number) {
  return plantedRun({
    stages: ['base', 'sft', 'rl'],
    samples: 400,
    clusters: 50,
    raters: [{ id: 'strict' }, { id: 'mild' }],
    value: ({ rater, stage, sample }) => {
      const there = chance(sample, stage) < 0.5;
      const misses = rater === 'mild' && chance(sample, stage, 9) < (stage === 2 ? overlooked : 0.1);
      return Number(there && !misses);
    },
  });
}

describe('raters and stages', () => {
  it('any two raters that see different changes are told', async () => {
    const { measures, warnings } = await makeFindings(run(0.6));
    for (const { rater, agreement } of measures) {
      const found = agreement!.interactions!.find(({ from, to }) => from === 'sft' && to === 'rl')!;
      expect(found.rater).toBe(rater === 'strict' ? 'mild' : 'strict');
      // The strict one sees 0.5·0.6 of a rate more at the last stage, and 0.5·0.1 at the others.
      expect(found.difference).toBeCloseTo(rater === 'strict' ? 0.25 : -0.25, 0);
      expect(Math.sign(found.difference)).toBe(rater === 'strict' ? 1 : -1);
      expect(found.pHolm).toBeLessThan(0.001);
    }
    expect(warnings.join(' ')).toMatch(
      /strict and mild see different changes in over-refusal between sft and rl/,
    );
  });

  it('raters that differ alike at every stage are not', async () => {
    const { measures, warnings } = await makeFindings(run(0.1));
    for (const { agreement } of measures)
      for (const { pHolm } of agreement!.interactions!) expect(pHolm).toBeGreaterThan(0.05);
    expect(warnings.join(' ')).not.toContain('see different changes');
  });
});
