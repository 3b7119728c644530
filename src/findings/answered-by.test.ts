import { expect, it } from 'vitest';
import { answerDigest } from '../records/answered-by.ts';
import type { TrialRow } from '../records/index.ts';
import { AnsweredBy } from './answered-by.ts';

it('answers that are the same to the letter are counted; those without a word say nothing of who gave them', () => {
  const answered = new AnsweredBy();
  const add = (stage: string, sample: string, content: string) => {
    const answer = answerDigest({ output: [{ role: 'assistant', content }] }, 'utf8');
    answered.add({ stage, sample, eval: 'e', epoch: 1, served: null, answer } as unknown as TrialRow);
  };
  for (const stage of ['a', 'b']) {
    add(stage, '1', '');
    add(stage, '2', '');
  }
  expect(answered.identicalAnswers('a', 'b')).toBe(0);
  for (const stage of ['a', 'b']) {
    add(stage, '3', 'Yes.');
    add(stage, '4', 'No.');
  }
  expect(answered.identicalAnswers('a', 'b')).toBe(2);
  add('a', '5', 'Yes.');
  add('b', '5', '');
  expect(answered.sameAnswers('a', 'b')).toEqual({ same: 2, of: 2 });
});
