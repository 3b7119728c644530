import { expect, it } from 'vitest';
import type { Battery, Judgement, Question, Rater, Rubric } from '../core/index.ts';
import { judgeQuestion } from './judge-question.ts';
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
const question = (id: string): Question => ({ id, rubric, rules: {}, battery });
const transcript = transcriptOf('So sad.');
const signal = new AbortController().signal;
const says = (label: string): Judgement => ({ status: 'rated', label, score: null });

/** Keeps what it was asked. */
function rater(together: boolean): Rater & { readonly asked: string[] } {
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
    ...(together && {
      judgeTogether: async ({ id, parts }) => {
        asked.push(id);
        return new Map(parts.map((part) => [part.question, says(`${part.question} together`)]));
      },
    }),
  };
}

it.each([
  ['of a rater that is to judge one by one', false, question('sly'), 'sly alone'],
  ['without a battery', true, { id: 'sly', rubric, rules: {} }, 'sly alone'],
  ['of a battery', true, question('sly'), 'sly together'],
])('asks a question %s as a run does', async (_, together, asked, label) => {
  expect(await judgeQuestion(rater(together), asked, transcript, { signal })).toEqual(says(label));
});

it('asks a battery once for all of its questions, where what was said is kept', async () => {
  const judge = rater(true);
  const sittings = new Map();
  for (const id of ['sad', 'sly']) {
    const judgement = await judgeQuestion(judge, question(id), transcript, { signal, sittings });
    expect(judgement).toEqual(says(`${id} together`));
  }
  expect(judge.asked).toEqual(['moods']);
  await judgeQuestion(judge, question('sad'), transcript, { signal });
  expect(judge.asked).toEqual(['moods', 'moods']);
});
