import { describe, expect, it } from 'vitest';
import type { Rating } from '../core/index.ts';
import { Counters } from './counters.ts';

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

const said = {
  input: [{ role: 'user', content: 'x'.repeat(40) }],
  output: [{ role: 'assistant', content: 'y'.repeat(60), thoughts: 'z'.repeat(20) }],
} as const;

describe('Counters', () => {
  it('counts transcripts, ratings, tokens and dollars by stage and eval', () => {
    const counters = new Counters([
      { stage: 'sft', eval: 'refusals', total: 10, raters: 1 },
      { stage: 'rl', eval: 'refusals', total: 10, raters: 1 },
    ]);
    const sft = counters.cell({ stage: 'sft', eval: 'refusals' })!;
    const price = { input: 1, output: 10 };
    counters.transcript(
      sft,
      { ...said, status: 'completed', usage: { inputTokens: 1000, outputTokens: 200 } },
      price,
    );
    counters.transcript(
      sft,
      { ...said, status: 'error', usage: { inputTokens: null, outputTokens: null } },
      price,
    );
    counters.transcript(sft, { ...said, status: 'limit', usage: { inputTokens: 5, outputTokens: 5 } }, null);
    counters.ratings(
      sft,
      'judge',
      [rating('rated', { inputTokens: 100, outputTokens: 10 }), rating('unparsed')],
      {
        input: 2,
        output: 2,
      },
    );
    expect(sft).toMatchObject({ errors: 1, limits: 1, inputTokens: 1105, outputTokens: 215 });
    expect(sft.ratings).toEqual({ rated: 1, unparsed: 1, refused: 0, error: 0 });
    expect(sft.usd).toBeCloseTo((1000 * 1 + 200 * 10 + 110 * 2) / 1e6, 15);
    expect(counters.session).toMatchObject({ errors: 1, inputTokens: 1105, outputTokens: 215 });
    expect([counters.unmeasured, counters.unpriced]).toEqual([0, 10]);
    expect(counters.cell({ stage: 'rl', eval: 'refusals' })).toMatchObject({
      errors: 0,
      inputTokens: 0,
      usd: 0,
    });
    expect(counters.cell({ stage: 'dpo', eval: 'refusals' })).toBeUndefined();
  });

  it('counts answers whose provider did not say what they took, and not calls that failed', () => {
    const counters = new Counters([{ stage: 'sft', eval: 'refusals', total: 10, raters: 1 }]);
    const cell = counters.cell({ stage: 'sft', eval: 'refusals' })!;
    const usage = { inputTokens: null, outputTokens: null };
    const first: string[] = [];
    counters.onUnmeasured = (stage) => void first.push(stage);
    counters.transcript(cell, { ...said, status: 'completed', usage }, null);
    counters.transcript(cell, { ...said, status: 'error', usage }, null);
    counters.transcript(cell, { ...said, status: 'completed', usage: { ...usage, outputTokens: 7 } }, null);
    expect(counters.unmeasured).toBe(2);
    expect(first).toEqual(['sft']);
    // By length, four characters a token, where the server does not say: 40 characters in, 80 and then 7 tokens out.
    expect(counters.session).toMatchObject({ inputTokens: 2 * 10, outputTokens: 20 + 7 });
  });

  it('puts together what made trials of one stage fail, the commonest first', () => {
    const counters = new Counters(
      ['sft', 'rl'].map((stage) => ({ stage, eval: 'refusals', total: 10, raters: 1 })),
    );
    const usage = { inputTokens: null, outputTokens: null };
    const fail = (kind: 'timeout' | 'server', message: string, status?: number, stage = 'sft') =>
      counters.transcript(
        counters.cell({ stage, eval: 'refusals' })!,
        {
          ...said,
          status: 'error',
          usage,
          error: { kind, message, ...(status === undefined ? {} : { status }) },
        },
        null,
      );
    fail('timeout', 'no answer in 60 s');
    fail('server', 'first', 500);
    fail('server', 'second', 500);
    fail('server', 'third', 503);
    fail('server', 'of another checkpoint', 500, 'rl');
    expect(counters.failures).toEqual([
      { stage: 'sft', kind: 'server', status: 500, count: 2, message: 'first' },
      { stage: 'sft', kind: 'timeout', status: null, count: 1, message: 'no answer in 60 s' },
      { stage: 'sft', kind: 'server', status: 503, count: 1, message: 'third' },
      { stage: 'rl', kind: 'server', status: 500, count: 1, message: 'of another checkpoint' },
    ]);
  });
});
