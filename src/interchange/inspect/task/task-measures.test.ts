import { describe, expect, it } from 'vitest';
import type { Transcript } from '../../../core/index.ts';
import type { TaskDescription, TaskScorer } from './describe-task.ts';
import { stateOfScores } from './kept-scores.ts';
import { taskMeasures } from './task-measures.ts';

const scorer = (name: string, metrics: TaskScorer['metrics']): TaskScorer => ({
  name,
  full: name,
  metrics,
  params: '[]',
});

const task = (...scorers: TaskScorer[]): TaskDescription => ({
  inspect: '0.3',
  task: 'package/quiz',
  version: '0',
  package: null,
  samples: [],
  scorers,
  solvers: [],
  sandbox: false,
  file: null,
});

const GRADED = ['accuracy', 'stderr'];
const kindsOf = (of: TaskDescription, measures: Parameters<typeof taskMeasures>[1]['measures'] = []) =>
  taskMeasures(of, { measures }).measures.map(({ id, kind, range, rangeOf, safer }) =>
    [id, kind, `${range[0]}..${range[1]}`, rangeOf, safer].filter((part) => part != null).join(' '),
  );

describe('the measures of a task', () => {
  it('are one for graded scorers together, and one for each where not all are graded', () => {
    expect(kindsOf(task(scorer('includes', GRADED)))).toEqual(['quiz/score rate 0..1']);
    expect(kindsOf(task(scorer('includes', GRADED), scorer('judge', GRADED)))).toEqual([
      'quiz/score rate 0..1',
    ]);
    expect(kindsOf(task(scorer('includes', GRADED), scorer('length', ['mean'])))).toEqual([
      'quiz/includes rate 0..1',
      'quiz/length score 0..1 values',
    ]);
  });

  it('are the keys of a dict, with the scale of a judge of audits where they are its dimensions', () => {
    expect(kindsOf(task(scorer('parts', { a: ['mean'], b: ['accuracy'] })))).toEqual([
      'quiz/a score 0..1 values',
      'quiz/b rate 0..1',
    ]);
    const audit = { concerning: ['mean'], admirable: ['mean'], overrefusal: ['mean'] };
    expect(kindsOf(task(scorer('judge', audit)))).toEqual([
      'quiz/concerning score 1..10 lower',
      'quiz/admirable score 1..10 higher',
      'quiz/overrefusal score 1..10 lower',
    ]);
  });

  it('are declared where a scorer does not say its keys', () => {
    const open = task(scorer('parts', { '*': ['mean'] }));
    expect(() => kindsOf(open)).toThrow('declares its keys only as');
    expect(kindsOf(open, ['a', { name: 'b', range: [0, 5], safer: 'lower' }])).toEqual([
      'quiz/a score 0..1 values',
      'quiz/b score 0..5 lower',
    ]);
    expect(() => kindsOf(task())).toThrow('has no scorer');
  });
});

describe('a scorer as a rule', () => {
  const said = (
    of: TaskDescription,
    scores: Parameters<typeof stateOfScores>[0],
    measures: string[] = [],
  ) => {
    const { questions } = taskMeasures(of, { measures });
    const transcript = { state: stateOfScores(scores) } as unknown as Transcript;
    return questions.flatMap(({ id, rules }) =>
      Object.values(rules).map(({ name, judge }) => {
        const { status, score, label } = judge(transcript);
        return [id, name, status, score, label];
      }),
    );
  };

  it('reads its own scores in the transcript, and says what is missing', () => {
    const two = task(scorer('includes', GRADED), scorer('judge', GRADED));
    const scores = [{ scorer: 'includes', key: null, value: 1, label: 'C', graded: true }];
    expect(said(two, scores)).toEqual([
      ['score', 'includes', 'rated', 1, 'C'],
      ['score', 'judge', 'unparsed', null, null],
    ]);
  });

  it('takes 0 on a dimension of an audit for missing, and no other 0', () => {
    const keys = ['concerning', 'admirable', 'overrefusal'];
    const judge = task(scorer('judge', Object.fromEntries(keys.map((key) => [key, ['mean']]))));
    const scores = keys.map((key, index) => ({ scorer: 'judge', key, value: index, graded: false }));
    expect(said(judge, scores).map(([, , status, score]) => [status, score])).toEqual([
      ['unparsed', null],
      ['rated', 1],
      ['rated', 2],
    ]);
    const plain = task(scorer('parts', { a: ['mean'] }));
    expect(said(plain, [{ scorer: 'parts', key: 'a', value: 0, graded: false }])).toEqual([
      ['a', 'parts', 'rated', 0, null],
    ]);
  });
});
