import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder, trialsOf } from '../../evals/testing/published.ts';
import { importLmEval } from './import.ts';

/** As `lm_eval --log_samples` writes them, a row a document and filter. */
function samples(values: readonly number[]): string {
  const rows = values.flatMap((value, doc_id) =>
    ['strict-match', 'flexible-extract'].map((filter) => ({
      doc_id,
      doc: { question: `q${doc_id}` },
      target: '4',
      arguments: { gen_args_0: { arg_0: `Question: q${doc_id}`, arg_1: { until: ['\n'] } } },
      resps: [['It is 4']],
      filtered_resps: [filter === 'strict-match' ? '[invalid]' : '4'],
      filter,
      metrics: ['exact_match', 'parts'],
      exact_match: filter === 'strict-match' ? value : 1,
      parts: [1, 2],
    })),
  );
  return rows.map((row) => JSON.stringify(row)).join('\n');
}

const early = '2024-01-31T12-00-00.123456';
const late = '2024-02-01T12-00-00.123456';

test('a model is a stage, a filter a rater, a metric a measure; the latest file of a task counts', async () => {
  using folder = temporaryFolder({
    [`lab__base/samples_gsm8k_${early}.jsonl`]: samples([1, 1]),
    [`lab__base/samples_gsm8k_${late}.jsonl`]: samples([0, 1]),
    [`lab__sft/samples_gsm8k_${early}.jsonl`]: samples([1, 1]),
    [`lab__sft/results_${early}.json`]: '{}',
  });
  const results = await importLmEval(folder.path, { chains: [['lab__base', 'lab__sft']] });
  expect(results).toMatchObject({
    name: 'gsm8k',
    stages: [{ id: 'lab__base' }, { id: 'lab__sft', from: 'lab__base' }],
    evals: [{ id: 'gsm8k', measures: [{ id: 'gsm8k/exact_match', kind: 'rate' }], samples: { count: 2 } }],
    raters: [{ id: 'flexible-extract' }, { id: 'strict-match' }],
  });
  const trials = await trialsOf(results);
  expect(
    trials.map(({ transcript, ratings }) => [transcript.key, ...ratings.map(({ value }) => value)]),
  ).toEqual([
    ['lab__base/gsm8k/0#1', 0, 1],
    ['lab__base/gsm8k/1#1', 1, 1],
    ['lab__sft/gsm8k/0#1', 1, 1],
    ['lab__sft/gsm8k/1#1', 1, 1],
  ]);
  expect(trials[0]!.transcript).toMatchObject({
    input: [{ role: 'user', content: 'Question: q0' }],
    response: 'It is 4',
    metadata: { doc: { question: 'q0' } },
  });
});

test('a metric without a value in the first samples is a measure; one that is not a number is left out, and told', async () => {
  const row = (doc_id: number, more: string) =>
    `{"doc_id":${doc_id},"filter":"none","resps":[["a"]],"metrics":["acc","f1","parts","none"],"parts":[1,2],"none":null,${more}}`;
  using folder = temporaryFolder({
    [`a/samples_t_${early}.jsonl`]: [row(0, '"acc":NaN,"f1":null'), row(1, '"acc":1,"f1":NaN')].join('\n'),
    [`b/samples_t_${early}.jsonl`]: [row(0, '"acc":0,"f1":0.5'), row(1, '"acc":1,"f1":NaN')].join('\n'),
  });
  const results = await importLmEval(folder.path, {});
  expect(results.evals[0]!.measures.map(({ id }) => id)).toEqual(['t/acc', 't/f1']);
  expect(results.notes).toEqual(['parts is not a number and is left out.']);
  const trials = await trialsOf(results);
  expect(trials.map(({ ratings }) => ratings.map(({ value }) => value))).toEqual([
    [null, null],
    [1, null],
    [0, 0.5],
    [1, null],
  ]);
});

test('several tasks, none at all, and another place are refused', async () => {
  using folder = temporaryFolder({
    [`m/samples_a_b_${early}.jsonl`]: samples([1]),
    [`m/samples_c_${early}.jsonl`]: samples([1]),
    'empty/x': '',
  });
  await expect(importLmEval(folder.path, {})).rejects.toThrow('samples of a_b and c');
  expect((await importLmEval(folder.path, { task: 'a_b' })).evals).toMatchObject([{ id: 'a_b' }]);
  await expect(importLmEval(join(folder.path, 'empty'), {})).rejects.toThrow(
    'there is no samples_TASK_TIME.jsonl',
  );
  await expect(importLmEval(join(folder.path, 'empty/x'), {})).rejects.toThrow('must be the folder');
});

test('samples of --predict_only are responses without values', async () => {
  const row = (doc_id: number) =>
    JSON.stringify({
      doc_id,
      filter: 'none',
      resps: [[`answer ${doc_id}`]],
      metrics: ['bypass'],
      bypass: 999,
    });
  using folder = temporaryFolder({ [`m/samples_t_${early}.jsonl`]: [row(0), row(1)].join('\n') });
  const results = await importLmEval(folder.path, {});
  expect(results.evals).toMatchObject([{ measures: [], samples: { count: 2 } }]);
  const trials = await trialsOf(results);
  expect(trials.map(({ transcript: { response }, ratings }) => [response, ratings])).toEqual([
    ['answer 0', []],
    ['answer 1', []],
  ]);
});

test('of several responses to a sample the first is kept, and that is told', async () => {
  const row = (doc_id: number) =>
    JSON.stringify({ doc_id, filter: 'none', resps: [['a', 'b', 'c']], metrics: ['acc'], acc: 1 });
  using folder = temporaryFolder({ [`m/samples_t_${early}.jsonl`]: [0, 1].map(row).join('\n') });
  const results = await importLmEval(folder.path, {});
  expect(results.notes).toEqual([
    'The model answered each sample 3 times: the first response is kept, and the values are what lm-eval made of all.',
  ]);
  expect((await trialsOf(results)).map(({ transcript }) => transcript.response)).toEqual(['a', 'a']);
});

test('one response to each choice of a multiple-choice task is not several answers', async () => {
  const row = JSON.stringify({
    doc_id: 0,
    filter: 'none',
    resps: [[['-1.5', 'False']], [['-0.5', 'True']]],
    filtered_resps: [
      ['-1.5', 'False'],
      ['-0.5', 'True'],
    ],
    metrics: ['acc'],
    acc: 1,
  });
  using folder = temporaryFolder({ [`m/samples_t_${early}.jsonl`]: row });
  expect((await importLmEval(folder.path, {})).notes ?? []).toEqual([]);
});
