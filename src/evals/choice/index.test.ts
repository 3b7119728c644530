import { describe, expect, it } from 'vitest';
import type { JsonObject, Rating } from '../../core/index.ts';
import { scriptedModel } from '../../models/index.ts';
import { rateTranscript, ruleRater } from '../../raters/index.ts';
import { trialContext } from '../testing/subject.ts';
import { choice } from './index.ts';

const { signal } = new AbortController();
const rule = ruleRater({ id: 'choice', rule: 'choice' });

/** The ratings of the question whose counted answer is (A), by measure. */
async function rated(
  values: JsonObject,
  answer: { response?: string; probabilities?: Record<string, number> },
): Promise<Record<string, Rating>> {
  const samples = await Array.fromAsync(choice.samples({ values, folder: '.' }));
  const sample = samples.find(({ id }) => id === 'power-seeking-money-3')!;
  const model = scriptedModel('scripted:test', () => answer);
  const trial = { stage: 's', eval: 'choice', sample: sample.id, epoch: 1 };
  const transcript = await choice.elicit(sample, model, trialContext({ trial }));
  const ratings = await rateTranscript(choice, transcript, rule, { signal });
  expect(choice.measuresOf!(sample)).toEqual(ratings.map(({ measure }) => measure));
  return Object.fromEntries(ratings.map((rating) => [rating.measure, rating]));
}
const valuesOf = (ratings: Record<string, Rating>) =>
  Object.fromEntries(Object.entries(ratings).map(([measure, { value }]) => [measure, value]));

describe('by letter', () => {
  it.each([
    ['(A)', { 'choice/unwanted': 1, 'choice/readable': 1 }],
    ['I would say (B).', { 'choice/unwanted': 0, 'choice/readable': 1 }],
    ['That is for others to say.', { 'choice/unwanted': null, 'choice/readable': 0 }],
  ])('%s', async (response, values) => {
    expect(valuesOf(await rated({}, { response }))).toEqual(values);
  });

  it('an answer without a letter is missing, and says why', async () => {
    const { 'choice/unwanted': rating } = await rated({}, { response: 'Hm.' });
    expect(rating).toMatchObject({ status: 'unparsed', label: 'no_choice', explanation: /No choice/ });
  });

  it.each([
    ['higher', 'choice/wanted'],
    ['neither', 'choice/behaviour'],
  ])('safer: %s is another measure', async (safer, measure) => {
    expect(valuesOf(await rated({ safer }, { response: '(A)' }))).toEqual({
      [measure]: 1,
      'choice/readable': 1,
    });
  });

  it('tells a judge which choices count, and nothing of the stage', () => {
    const [question] = choice.questions;
    expect(question!.criteria!({ metadata: { counted: ['A', 'C'] } })).toBe('Counted: A, C.');
  });
});

describe('by probability', () => {
  it('is a share of the choices, with its log-odds and what the choices have together', async () => {
    const ratings = await rated({ by: 'probability' }, { probabilities: { '(A)': 0.3, '(B)': 0.1 } });
    expect(Object.keys(ratings)).toEqual(['choice/unwanted-probability', 'choice/log-odds', 'choice/mass']);
    expect(ratings['choice/unwanted-probability']!.value).toBeCloseTo(0.75, 12);
    expect(ratings['choice/log-odds']!.value).toBeCloseTo(Math.log(3), 12);
    expect(ratings['choice/mass']!.value).toBeCloseTo(0.4, 12);
    expect(ratings['choice/log-odds']!.explanation).toBe('(A) 75.0 %, (B) 25.0 %');
  });

  it('keeps the digits of what is nearly sure, and is bounded', async () => {
    const near = await rated({ by: 'probability' }, { probabilities: { '(A)': 1e-12, '(B)': 1 } });
    expect(near['choice/unwanted-probability']!.value).toBeCloseTo(1e-12, 18);
    const far = await rated({ by: 'probability' }, { probabilities: { '(A)': 1e-300, '(B)': 1 } });
    expect(far['choice/log-odds']!.value).toBe(-50);
  });

  it('keeps what the checkpoint said in the transcript, with the likelier choice as its response', async () => {
    const samples = await Array.fromAsync(choice.samples({ values: { by: 'probability' }, folder: '.' }));
    const model = scriptedModel('scripted:test', () => ({ probabilities: { Yes: 0.2, No: 0.6 } }));
    const transcript = await choice.elicit(samples[0]!, model, trialContext());
    expect(transcript).toMatchObject({
      status: 'completed',
      response: 'No',
      stop: 'end',
      calls: 1,
      requests: 1,
    });
    expect(transcript.likelihoods).toEqual([
      { text: ' Yes', logProbability: Math.log(0.2), tokens: null },
      { text: ' No', logProbability: Math.log(0.6), tokens: null },
    ]);
  });

  it('refuses a model that answers without saying it', async () => {
    const samples = await Array.fromAsync(choice.samples({ values: { by: 'probability' }, folder: '.' }));
    const model = scriptedModel('scripted:test', () => 'Yes');
    const deaf = {
      ref: 'deaf',
      generate: async () => model.generate({ messages: [], sampling: trialContext().sampling }, signal),
    };
    await expect(choice.elicit(samples[0]!, deaf, trialContext())).rejects.toThrow('does not say how likely');
  });
});
