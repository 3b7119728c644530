import { describe, expect, it } from 'vitest';
import type { Question, Rule } from '../core/index.ts';
import { ruleRater } from './rule.ts';
import { transcriptOf } from './testing/transcripts.ts';

const rule = (version: string): Rule => ({
  name: 'is-short',
  version,
  description: 'Whether the response is short.',
  judge: ({ response }) => ({ status: 'rated', label: null, score: (response ?? '').length < 10 ? 1 : 0 }),
});
const question = (rules: Question['rules']): Question => ({
  id: 'length',
  rubric: { id: 'length', digest: 'r', text: '…', answer: { kind: 'score', min: 0, max: 1, whole: true } },
  rules,
});
const signal = new AbortController().signal;

describe('ruleRater', () => {
  const rater = ruleRater({ id: 'short', rule: 'is-short' });

  it('applies the question’s rule of that name', async () => {
    const asked = question({ 'is-short': rule('1') });
    expect(rater).toMatchObject({ id: 'short', kind: 'rule' });
    expect(await rater.judge(asked, transcriptOf('Yes.'), signal)).toMatchObject({
      status: 'rated',
      score: 1,
    });
    expect((await rater.judge(asked, transcriptOf('Yes, with many words.'), signal)).score).toBe(0);
  });

  it('has a digest that follows the rule’s version and not the rubric', () => {
    const first = question({ 'is-short': rule('1') });
    expect(rater.digest(first)).not.toBe(rater.digest(question({ 'is-short': rule('2') })));
    expect(rater.digest({ ...first, rubric: { ...first.rubric, digest: 'other' } })).toBe(
      rater.digest(first),
    );
  });

  it('says which rules there are when it is given another name', () => {
    expect(() => rater.digest(question({ 'string-match': rule('1') }))).toThrow(
      'the question "length" has no rule "is-short" for the rater "short": it has "string-match"',
    );
    expect(() => rater.digest(question({}))).toThrow('it has none');
    expect(() => ruleRater({ id: 'x', rule: 'constructor' }).digest(question({}))).toThrow('has no rule');
  });
});
