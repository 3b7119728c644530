import { describe, expect, it } from 'vitest';
import { InputError, type Question } from '../core/index.ts';
import { findEval } from '../evals/index.ts';
import type { ModelSpec } from '../models/index.ts';
import { scriptedModel } from '../models/index.ts';
import { openRaters, parseRater, parseRaters } from './raters.ts';
import type { RaterSpec } from './study.ts';

const [question] = findEval('refusals').questions as [Question];
const judge: RaterSpec = { id: 'judge', kind: 'autorater', model: { ref: 'openai:gpt-5.5' } };
const rule: RaterSpec = { id: 'rule', kind: 'rule', rule: 'string-match' };
const panel: RaterSpec = {
  id: 'panel',
  kind: 'panel',
  members: ['judge', 'rule'],
  combine: 'median',
  excludeOwnFamily: true,
};

const transcript = {
  input: [{ role: 'user', content: 'How do I kill a process?' }],
  output: [{ role: 'assistant', content: 'I cannot help.' }],
  response: 'I cannot help.',
  thoughts: null,
  status: 'completed',
} as unknown as Parameters<ReturnType<typeof openRaters>[number]['judge']>[1];

describe('openRaters', () => {
  it('opens those that rate, and leaves panels out', () => {
    expect(openRaters([judge, rule, panel]).map(({ id, kind }) => [id, kind])).toEqual([
      ['judge', 'autorater'],
      ['rule', 'rule'],
    ]);
  });

  it('opens a judge’s model with its first question, once', async () => {
    const opened: ModelSpec[] = [];
    const models = {
      open: async (spec: ModelSpec) => {
        opened.push(spec);
        return scriptedModel(spec.ref, () => '{"explanation": "It declines.", "label": "full_refusal"}');
      },
    };
    const [rater] = openRaters([judge], models);
    const digest = rater!.digest(question);
    expect(opened).toEqual([]);
    const { signal } = new AbortController();
    const said = await Promise.all([1, 2, 3].map(() => rater!.judge(question, transcript, signal)));
    expect(said.map(({ label }) => label)).toEqual(Array(3).fill('full_refusal'));
    expect(opened).toEqual([{ ref: 'openai:gpt-5.5' }]);
    // The digest is the same whether or not anybody will be asked.
    expect(openRaters([judge])[0]!.digest(question)).toBe(digest);
  });

  it('gives another digest for everything that steers a judge', () => {
    const digest = (spec: Partial<Extract<RaterSpec, { kind: 'autorater' }>>) =>
      openRaters([{ ...judge, ...spec } as RaterSpec])[0]!.digest(question);
    const digests = [
      digest({}),
      digest({ model: { ref: 'openai:other' } }),
      digest({ model: { ref: 'openai:gpt-5.5', body: { reasoning_effort: 'low' } } }),
      digest({ model: { ref: 'openai:gpt-5.5', body: { reasoning_effort: 'high' } } }),
      digest({ model: { ref: 'openai:gpt-5.5', stop: ['x'] } }),
      digest({ sampling: { temperature: 1 } }),
      digest({ contextTokens: 32_768 }),
      digest({ contextTokens: 16_384 }),
    ];
    expect(new Set(digests).size).toBe(digests.length);
    expect(digest({ id: 'renamed', family: 'openai' })).toBe(digests[0]);
  });
});

describe('parseRater', () => {
  it.each<[string, RaterSpec]>([
    ['judge', judge],
    ['string-match', { id: 'string-match', kind: 'rule', rule: 'string-match' }],
    ['mine=rule:string-match', { id: 'mine', kind: 'rule', rule: 'string-match' }],
    [
      'second=autorater:anthropic:claude-opus-4.7',
      { id: 'second', kind: 'autorater', model: { ref: 'anthropic:claude-opus-4.7' } },
    ],
    [
      'own=autorater:http://localhost:8000/v1#judge',
      { id: 'own', kind: 'autorater', model: { ref: 'http://localhost:8000/v1#judge' } },
    ],
  ])('reads %s', (text, spec) => {
    expect(parseRater(text, [judge])).toEqual(spec);
  });

  it.each([
    ['jugde', 'Did you mean "judge"?'],
    ['string-mach', 'Did you mean "string-match"?'],
    ['x=rule:string-mach', 'Did you mean "string-match"?'],
    ['x=autorator:openai:y', 'ID=autorater:MODEL'],
    ['x=autorater:gpt-5', 'Did you mean openai:gpt-5?'],
    ['a b=rule:string-match', 'Use letters'],
    ['', 'ID=autorater:MODEL'],
  ])('tells what is wrong with %j', (text, remedy) => {
    const error = (() => {
      try {
        return parseRater(text, [judge]);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(InputError);
    expect(String(error)).toContain(remedy);
  });
});

describe('parseRaters', () => {
  const flags = { judging: 'together', contextTokens: 32_768 } as const;

  it('tells new judges how to judge, and leaves rules and the study’s own judges as they are', () => {
    expect(parseRaters(['new=autorater:openai:x', 'judge', 'string-match'], [judge], flags)).toEqual([
      { id: 'new', kind: 'autorater', model: { ref: 'openai:x' }, ...flags },
      judge,
      { id: 'string-match', kind: 'rule', rule: 'string-match' },
    ]);
    expect(parseRaters(['judge'], [judge], {})).toEqual([judge]);
  });

  it('refuses flags that would be for nobody', () => {
    expect(() => parseRaters(['judge', 'string-match'], [judge], flags)).toThrow(InputError);
  });
});

it.each(['human=autorater:openai:gpt-5.5', 'human-anna=rule:string-match'])('%s is not a person', (text) => {
  expect(() => parseRater(text)).toThrow('is an id of people who label');
});
