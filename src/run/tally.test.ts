import { describe, expect, it } from 'vitest';
import type { Rating } from '../core/index.ts';
import { costOf, Tally } from './tally.ts';

const rating = (status: Rating['status'], usage?: Rating['usage']): Rating => ({
  key: 'sft/refusals/1#1',
  measure: 'refusals/over-refusal',
  rater: 'judge',
  raterDigest: '0',
  attempt: 1,
  status,
  value: status === 'rated' ? 1 : null,
  ...(usage ? { usage } : {}),
});

describe('Tally', () => {
  it('counts transcripts, ratings, tokens and dollars by stage and eval', () => {
    const tally = new Tally([
      { stage: 'sft', eval: 'refusals', total: 10 },
      { stage: 'rl', eval: 'refusals', total: 10 },
    ]);
    const sft = tally.cell('sft', 'refusals')!;
    const price = { input: 1, output: 10 };
    tally.transcript(sft, { status: 'completed', usage: { inputTokens: 1000, outputTokens: 200 } }, price);
    tally.transcript(sft, { status: 'error', usage: { inputTokens: null, outputTokens: null } }, price);
    tally.transcript(sft, { status: 'limit', usage: { inputTokens: 5, outputTokens: 5 } }, null);
    tally.ratings(sft, [rating('rated', { inputTokens: 100, outputTokens: 10 }), rating('unparsed')], {
      input: 2,
      output: 2,
    });
    expect(sft).toMatchObject({ errors: 1, limits: 1, inputTokens: 1105, outputTokens: 215 });
    expect(sft.ratings).toEqual({ rated: 1, unparsed: 1, refused: 0, error: 0 });
    expect(sft.usd).toBeCloseTo((1000 * 1 + 200 * 10 + 110 * 2) / 1e6, 15);
    expect(tally.session).toMatchObject({ errors: 1, inputTokens: 1105, outputTokens: 215 });
    expect([tally.unmeasured, tally.unpriced]).toEqual([1, 10]);
    expect(tally.cell('rl', 'refusals')).toMatchObject({ errors: 0, inputTokens: 0, usd: 0 });
    expect(tally.cell('dpo', 'refusals')).toBeUndefined();
  });

  it('prices by the million', () => {
    expect(costOf({ inputTokens: 2_000_000, outputTokens: 500_000 }, { input: 3, output: 15 })).toBe(13.5);
    expect(costOf({ inputTokens: null, outputTokens: 1_000_000 }, { input: 3, output: 15 })).toBe(15);
  });
});
