import { describe, expect, it } from 'vitest';
import type { Ask, Battery, Judgement, Measure, Question, Rater, Rubric, Rule } from '../core/index.ts';
import { answers, callsFor, judgementOf, judgementsOf } from './calls.ts';
import { transcriptOf } from './testing/transcripts.ts';

const rubric: Rubric = {
  id: 'sad',
  digest: 'digest',
  text: 'Is it sad?',
  answer: { kind: 'label', labels: ['no', 'yes'] },
};
const battery: Battery = {
  id: 'moods',
  preface: '',
  parts: ['sad', 'sly'].map((question) => ({ question, rubric })),
};
const ofBattery = (id: string): Question => ({ id, rubric, rules: {}, battery });
const alone = (id: string, more: Partial<Question> = {}): Question => ({ id, rubric, rules: {}, ...more });
const ask = (question: Question, measure = question.id): Ask => ({
  question,
  measure: { id: measure } as Measure,
  value: ({ label }) => Number(label === 'yes'),
});
const transcript = transcriptOf('So sad.');
const signal = new AbortController().signal;
const says = (label: string): Judgement => ({ status: 'rated', label, score: null });

/** A judge that remembers what it was asked. */
function rater(takesBatteries: boolean): Rater & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    id: 'judge',
    kind: 'autorater',
    digest: () => 'digest',
    asked,
    judge: async ({ id }) => {
      asked.push(id);
      return says(`${id} alone`);
    },
    ...(takesBatteries && {
      judgeBattery: async ({ id, parts }) => {
        asked.push(id);
        return new Map(parts.map((part) => [part.question, says(`${part.question} in ${id}`)]));
      },
    }),
  };
}

describe('answers', () => {
  const look = { name: 'look' } as Rule;

  it.each([
    ['a judge', { kind: 'autorater' }, [true, true, false]],
    ['a person', { kind: 'human' }, [true, true, false]],
    ['a rule that the question has', { kind: 'rule', rule: 'look' }, [false, true, true]],
    ['another rule', { kind: 'rule', rule: 'other' }, [false, false, false]],
    [
      'a rule named like a member of every object',
      { kind: 'rule', rule: 'constructor' },
      [false, false, false],
    ],
    ['a panel', { kind: 'panel' }, [false, false, false]],
  ] as const)('%s', (_, who, expected) => {
    const questions = [
      alone('plain'),
      alone('with a rule', { rules: { look } }),
      alone('for rules only', { rules: { look }, rulesOnly: true }),
    ];
    expect(questions.map((question) => answers(who, question))).toEqual(expected);
  });
});

describe('callsFor', () => {
  const asks = [
    ask(ofBattery('sad')),
    ask(alone('real', { shows: 'prompt' })),
    ask(ofBattery('sly')),
    ask(alone('kind'), 'kind/a'),
    ask(alone('kind'), 'kind/b'),
    ask(alone('measured', { rulesOnly: true })),
  ];
  const shape = (of: Rater) =>
    callsFor(of, asks).map((call) => [
      call.asks.map(({ measure }) => measure.id),
      call.battery?.id,
      call.oncePerSample,
    ]);

  it('is one call for each question, however many measures it is for', () => {
    expect(shape(rater(false))).toEqual([
      [['sad'], undefined, false],
      [['real'], undefined, true],
      [['sly'], undefined, false],
      [['kind/a', 'kind/b'], undefined, false],
    ]);
  });

  it('is one call for a whole battery of a judge that is asked so', () => {
    expect(shape(rater(true))).toEqual([
      [['sad', 'sly'], 'moods', false],
      [['real'], undefined, true],
      [['kind/a', 'kind/b'], undefined, false],
    ]);
  });

  it('is made once, and says what the judge says to each question', async () => {
    const judge = rater(true);
    const [first] = callsFor(judge, asks);
    expect(await judgementsOf(judge, first!, transcript, signal)).toEqual(
      new Map([
        ['sad', says('sad in moods')],
        ['sly', says('sly in moods')],
      ]),
    );
    expect(judge.asked).toEqual(['moods']);
  });
});

it.each([
  ['of a judge that takes one question at a time', false, ofBattery('sly'), 'sly alone'],
  ['without a battery', true, alone('sly'), 'sly alone'],
  ['of a battery', true, ofBattery('sly'), 'sly in moods'],
])('a question %s is asked as a run asks it', async (_, takesBatteries, question, label) => {
  expect(await judgementOf(rater(takesBatteries), question, transcript, signal)).toEqual(says(label));
});
