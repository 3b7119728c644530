import { describe, expect, it } from 'vitest';
import type { Ask, Judgement, Measure, Question, Rater } from '../core/index.ts';
import { rateTranscript } from './rate-transcript.ts';
import { transcriptOf } from './testing/transcripts.ts';

const signal = new AbortController().signal;
const transcript = transcriptOf('Fine.', { attempt: 3 });
const question = (id: string, more: Partial<Question> = {}): Question => ({
  id,
  rubric: { id, digest: id, text: '', answer: { kind: 'label', labels: ['no', 'yes', 'unclear'] } },
  rules: {},
  ...more,
});
const ask = (of: Question, measure: string, counted = 'yes'): Ask => ({
  question: of,
  measure: { id: measure } as Measure,
  value: ({ label }) => (label === 'unclear' ? null : Number(label === counted)),
});
const judge = (judgement: Partial<Judgement>): Rater & { readonly asked: string[] } => {
  const asked: string[] = [];
  return {
    id: 'judge',
    kind: 'autorater',
    asked,
    digest: ({ id }) => `digest of ${id}`,
    judge: async ({ id }) => {
      asked.push(id);
      return { status: 'rated', label: null, score: null, ...judgement };
    },
  };
};
const mood = question('mood');
const asks = [ask(mood, 'm/sad'), ask(question('kind'), 'm/kind'), ask(mood, 'm/glad', 'no')];
const evaluation = { asks: () => asks };

describe('rateTranscript', () => {
  it('asks each question once and gives a rating for each ask, in the order of the asks', async () => {
    const rater = judge({
      label: 'yes',
      explanation: 'So.',
      quote: 'Fine',
      raw: '{…}',
      served: { model: 'm' },
    });
    const ratings = await rateTranscript(evaluation, transcript, rater, { signal });
    expect(rater.asked).toEqual(['mood', 'kind']);
    expect(ratings.map(({ measure, value }) => [measure, value])).toEqual([
      ['m/sad', 1],
      ['m/kind', 1],
      ['m/glad', 0],
    ]);
    expect(ratings[0]).toEqual({
      key: transcript.key,
      attempt: 3,
      measure: 'm/sad',
      rater: 'judge',
      raterDigest: 'digest of mood',
      status: 'rated',
      value: 1,
      label: 'yes',
      explanation: 'So.',
      quote: 'Fine',
      raw: '{…}',
      served: { model: 'm' },
    });
  });

  it('counts tokens once, and keeps the reply once, for all ratings of one judgement', async () => {
    const usage = { inputTokens: 5, outputTokens: 1 };
    const ratings = await rateTranscript(evaluation, transcript, judge({ label: 'no', usage, raw: 'no' }), {
      signal,
    });
    const told = ratings.map((rating) => [rating.usage, rating.raw]);
    expect(told).toEqual([
      [usage, 'no'],
      [usage, 'no'],
      [undefined, undefined],
    ]);
  });

  it('asks only the questions that it is given', async () => {
    const rater = judge({ label: 'no' });
    const ratings = await rateTranscript(evaluation, transcript, rater, { signal, questions: ['kind'] });
    expect(ratings.map(({ measure }) => measure)).toEqual(['m/kind']);
    expect(rater.asked).toEqual(['kind']);
  });

  it('is unparsed, with its label, where the answer has no value for the measure', async () => {
    const [rating] = await rateTranscript(evaluation, transcript, judge({ label: 'unclear' }), { signal });
    expect(rating).toMatchObject({ status: 'unparsed', value: null, label: 'unclear' });
  });

  it.each(['refused', 'unparsed', 'error'] as const)('%s never has a value', async (status) => {
    const ratings = await rateTranscript(evaluation, transcript, judge({ status }), { signal });
    expect(ratings.map((rating) => [rating.status, rating.value])).toEqual(Array(3).fill([status, null]));
  });

  it('names scores where the question does', async () => {
    const severity: Question = {
      ...question('severity', { scoreNames: ['none', 'some'] }),
      rubric: { id: 's', digest: 's', text: '', answer: { kind: 'score', min: 0, max: 1, whole: true } },
    };
    const one: Ask = { question: severity, measure: { id: 's' } as Measure, value: ({ score }) => score };
    const rate = (judgement: Partial<Judgement>) =>
      rateTranscript({ asks: () => [one] }, transcript, judge(judgement), { signal });
    expect((await rate({ score: 1 }))[0]).toMatchObject({ value: 1, label: 'some' });
    expect((await rate({ status: 'refused' }))[0]).not.toHaveProperty('label');
  });

  it('does not swallow a label that the question does not have', async () => {
    const rating = rateTranscript(evaluation, transcript, judge({ label: 'perhaps' }), { signal });
    await expect(rating).rejects.toThrow('the label "perhaps", which the question "mood" does not have');
  });

  it('has nothing to say to what the rater cannot answer', async () => {
    const rule: Rater = { ...judge({ label: 'no' }), kind: 'rule', rule: 'look' };
    expect(await rateTranscript(evaluation, transcript, rule, { signal })).toEqual([]);
  });
});
