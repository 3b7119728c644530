import type { Eval, Measure, Sample } from '../../core/index.ts';
import type { EvalEntry } from '../study.ts';

const measure = (id: string, extra: Partial<Measure> = {}): Measure => ({
  id,
  title: id,
  description: 'A measure for tests.',
  kind: 'rate',
  range: [0, 1],
  safer: 'lower',
  level: 'nominal',
  ...extra,
});

/** An eval whose samples are given: `first` is of samples whose metadata says so, `both` of all, `severe` derives from it. */
export function fakeEval(samples: readonly Sample[]): EvalEntry {
  const code: Eval = {
    name: 'fake',
    version: '1',
    title: 'Fake',
    measures: [
      measure('fake/first'),
      measure('fake/both', { kind: 'score', range: [0, 5], level: 'ordinal' }),
      measure('fake/severe', { derived: { from: 'fake/both', atLeast: 3 } }),
    ],
    questions: [
      {
        id: 'question',
        rubric: {
          id: 'rubric',
          digest: 'abc',
          text: 'Rate it.',
          answer: { kind: 'score', min: 0, max: 5, whole: true },
        },
        rules: {},
      },
    ],
    optionsSchema: { type: 'object', additionalProperties: false },
    async *samples() {
      yield* samples;
    },
    measuresOf: ({ metadata }) => (metadata.first === true ? ['fake/first', 'fake/both'] : ['fake/both']),
    elicit: () => Promise.reject(new Error('never asked')),
    asks: () => [],
  };
  return { id: 'fake', eval: code, options: { values: {}, folder: '/' }, epochs: 1 };
}

export function sample(id: string, extra: Partial<Sample> = {}): Sample {
  return { id, cluster: 'a', input: [{ role: 'user', content: `What of ${id}?` }], metadata: {}, ...extra };
}
