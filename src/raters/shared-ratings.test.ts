import { describe, expect, it } from 'vitest';
import type { Ask, Judgement, Measure, Question, Rater, Rating, Transcript } from '../core/index.ts';
import { rateTranscript } from './rate-transcript.ts';
import { type RatedRun, SharedRatings } from './shared-ratings.ts';
import { transcriptOf } from './testing/transcripts.ts';

const signal = new AbortController().signal;
const question: Question = {
  id: 'realism',
  rubric: { id: 'r', digest: 'r', text: '', answer: { kind: 'score', min: 1, max: 5, whole: true } },
  rules: {},
  shows: 'prompt',
};
const ask: Ask = { question, measure: { id: 'm/realism' } as Measure, value: ({ score }) => score };
const evaluation = { asks: () => [ask] };
const usage = { inputTokens: 9, outputTokens: 1 };

const trialAt = (stage: string, epoch = 1, more: Partial<Transcript> = {}): Transcript =>
  transcriptOf('Whatever.', {
    key: `${stage}/e/s1#${epoch}`,
    trial: { stage, eval: 'e', sample: 's1', epoch },
    ...more,
  });

/** A judge whose answers are given; the last one stays. */
function judge(scores: readonly (number | null | Error)[], digest = 'digest') {
  let asked = 0;
  const rater: Rater = {
    id: 'judge',
    kind: 'autorater',
    digest: () => digest,
    judge: async (): Promise<Judgement> => {
      const score = scores[Math.min(asked++, scores.length - 1)]!;
      await Promise.resolve();
      if (score instanceof Error) throw score;
      return { status: score === null ? 'unparsed' : 'rated', label: null, score, raw: 'reply', usage };
    },
  };
  return { rater, asked: () => asked };
}

const rate = (shared: SharedRatings, rater: Rater, transcript: Transcript) =>
  rateTranscript(evaluation, transcript, rater, { signal, shared }).then(([rating]) => rating!);

describe('a question that shows the prompt alone', () => {
  it('is asked once for demands that come at the same time, and each trial has a rating of its own', async () => {
    const { rater, asked } = judge([4]);
    const shared = new SharedRatings();
    const trials = [trialAt('sft'), trialAt('sft', 2), trialAt('rl', 1, { attempt: 2 })];
    const ratings = await Promise.all(trials.map((trial) => rate(shared, rater, trial)));
    expect(asked()).toBe(1);
    expect(ratings.map(({ key, attempt, value }) => [key, attempt, value])).toEqual([
      ['sft/e/s1#1', 1, 4],
      ['sft/e/s1#2', 1, 4],
      ['rl/e/s1#1', 2, 4],
    ]);
    expect(ratings.map((rating) => rating.usage)).toEqual([usage, undefined, undefined]);
    expect(ratings.map((rating) => rating.raw)).toEqual(['reply', undefined, undefined]);
  });

  it('is asked again after a judge gave no value, by one trial at a time', async () => {
    const { rater, asked } = judge([null, null, 3]);
    const shared = new SharedRatings();
    const trials = ['a', 'b', 'c', 'd', 'e'].map((stage) => trialAt(stage));
    const ratings = await Promise.all(trials.map((trial) => rate(shared, rater, trial)));
    expect(ratings.map(({ value }) => value)).toEqual([null, null, 3, 3, 3]);
    expect(asked()).toBe(3);
  });

  it('fails for the trial that asked; the next one asks for itself', async () => {
    const { rater } = judge([new Error('down'), 2]);
    const shared = new SharedRatings();
    const [first, second] = [rate(shared, rater, trialAt('a')), rate(shared, rater, trialAt('b'))];
    await expect(first).rejects.toThrow('down');
    expect((await second).value).toBe(2);
  });

  it.each<[string, Partial<Transcript>]>([
    ['another system prompt', { input: [{ role: 'system', content: 'Be brief.' }] }],
    ['another sample', { digests: { sample: 'other', sampling: 'x' } }],
  ])('is asked anew for %s', async (_, more) => {
    const { rater, asked } = judge([4]);
    const shared = new SharedRatings();
    await rate(shared, rater, trialAt('a'));
    await rate(shared, rater, trialAt('b', 1, more));
    expect(asked()).toBe(2);
  });

  it('is asked anew of another rater', async () => {
    const shared = new SharedRatings();
    const [one, other] = [judge([4]), judge([5], 'another digest')];
    await rate(shared, one.rater, trialAt('a'));
    expect((await rate(shared, other.rater, trialAt('b'))).value).toBe(5);
  });
});

describe('with the records of a run', () => {
  const recorded = trialAt('sft');
  const rating: Rating = {
    key: recorded.key,
    attempt: 1,
    measure: 'm/realism',
    rater: 'judge',
    raterDigest: 'digest',
    status: 'rated',
    value: 5,
    explanation: 'Real.',
    raw: 'reply',
    usage,
  };
  const run = (changes: Partial<Rating> = {}, of: Transcript = recorded): RatedRun => ({
    *ratingRows() {
      const { key, measure, rater, raterDigest, attempt, status } = { ...rating, ...changes };
      yield { key, measure, rater, raterDigest, attempt, status, labelAlone: false };
    },
    ratingsOf: async () => [{ ...rating, ...changes }],
    transcript: async () => of,
  });

  it('takes what an earlier process recorded, and asks nobody', async () => {
    const { rater, asked } = judge([1]);
    const found = await rate(new SharedRatings(async () => run()), rater, trialAt('rl', 2));
    const { usage: _, raw: __, ...copied } = rating;
    expect(found).toEqual({ ...copied, key: 'rl/e/s1#2' });
    expect(asked()).toBe(0);
  });

  it.each<[string, RatedRun]>([
    ['a rating that came to no value', run({ status: 'unparsed', value: null })],
    ['a rating by another version of the rater', run({ raterDigest: 'older' })],
    ['a rating of another text', run({}, trialAt('sft', 1, { digests: { sample: 'older', sampling: 'x' } }))],
    ['nothing', { ...run(), *ratingRows() {} }],
  ])('asks where it finds %s', async (_, records) => {
    const { rater, asked } = judge([1]);
    expect((await rate(new SharedRatings(async () => records), rater, trialAt('rl'))).value).toBe(1);
    expect(asked()).toBe(1);
  });
});
