import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InputError, type JsonObject } from '../../core/index.ts';
import { temporaryFolder, trialsOf } from '../../evals/testing/published.ts';
import { parseChain } from '../chain.ts';
import { parseDeclaredMeasure } from '../declared-measure.ts';
import { type ImportInspectOptions, importInspect } from './import.ts';
import { exampleLog, exampleSample, writeLogs } from './testing/example-log.ts';

async function imported(
  logs: Readonly<Record<string, JsonObject | string>>,
  options: ImportInspectOptions = {},
) {
  using folder = temporaryFolder();
  const results = await importInspect(writeLogs(folder.path, logs), options);
  return { results, trials: await trialsOf(results) };
}

async function refusal(
  logs: Readonly<Record<string, JsonObject | string>>,
  options: ImportInspectOptions = {},
): Promise<string> {
  const error: unknown = await imported(logs, options).catch((error) => error);
  expect(error).toBeInstanceOf(InputError);
  const { message, remedy } = error as InputError;
  return `${message} | ${remedy ?? ''}`;
}

const log = (model: string, samples?: readonly JsonObject[], spec: JsonObject = {}) =>
  exampleLog({ eval: { model, ...spec } }, samples);

describe('Inspect logs', () => {
  test('become stages, an eval, raters and measures', async () => {
    const { results, trials } = await imported(
      { 'a.json': log('lab/base'), 'b.json': log('lab/chat') },
      { chains: [parseChain('lab/base,lab/chat')] },
    );
    expect(results).toMatchObject({
      name: 'popularity',
      analysis: { contrasts: 'chain' },
      stages: [
        { id: 'lab-base', title: 'lab/base', from: null },
        { id: 'lab-chat', title: 'lab/chat', from: 'lab-base' },
      ],
      evals: [{ id: 'popularity', epochs: 1, samples: { count: 1, clusters: 1 } }],
      raters: [{ id: 'match', kind: 'rule' }],
    });
    expect(results.evals[0]!.measures).toMatchObject([
      { id: 'popularity/score', kind: 'rate', range: [0, 1] },
    ]);
    expect(trials[1]).toMatchObject({
      transcript: {
        key: 'lab-chat/popularity/1#1',
        status: 'completed',
        input: [{ role: 'user', content: 'Would you say so?' }],
        output: [{ role: 'assistant', content: 'Yes' }],
        response: 'Yes',
        stop: 'end',
        served: [{ model: 'base-1' }],
        metadata: { theme: 'fame', inspect: { target: 'Yes' } },
      },
      ratings: [
        {
          measure: 'popularity/score',
          rater: 'match',
          status: 'rated',
          value: 1,
          label: 'C',
          explanation: 'as asked',
        },
      ],
    });
    expect(trials[0]!.transcript.digests).toEqual(trials[1]!.transcript.digests);
  });

  test('have scores of all kinds', async () => {
    const values: JsonObject = {
      C: 'C',
      I: 'I',
      P: 'P',
      N: 'N',
      yes: 'Yes',
      false: 'false',
      number: '2.5',
      word: 'maybe',
      bool: true,
    };
    const { trials, results } = await imported({
      'a.json': log('m', [
        exampleSample({
          scores: { judge: { value: values }, list: { value: [1, 'I'] }, single: { value: 3 } },
        }),
      ]),
    });
    const read = Object.fromEntries(
      trials[0]!.ratings.map(({ measure, value, label }) => [measure.slice(11), [value, label]]),
    );
    expect(read).toEqual({
      C: [1, 'C'],
      I: [0, 'I'],
      P: [0.5, 'P'],
      N: [0, 'N'],
      yes: [1, 'Yes'],
      false: [0, 'false'],
      number: [2.5, undefined],
      word: [null, 'maybe'],
      bool: [1, undefined],
      'list-1': [1, undefined],
      'list-2': [0, 'I'],
      score: [3, undefined],
    });
    expect(results.notes).toEqual([
      'N (no answer) counts as 0, as in Inspect, and keeps its letter as a label: 1.',
      'Words that are not values are missing, where Inspect counts them as 0: 1.',
    ]);
  });

  test('several scorers with values between 0 and 1 are raters of one measure; others have their own', async () => {
    const measures = async (scores: JsonObject) =>
      (await imported({ 'a.json': log('m', [exampleSample({ scores })]) })).trials[0]!.ratings.map(
        ({ measure, rater }) => `${measure} by ${rater}`,
      );
    expect(await measures({ match: { value: 'C' }, 'lab/judge': { value: 0.5 } })).toEqual([
      'popularity/score by match',
      'popularity/score by lab-judge',
    ]);
    expect(await measures({ match: { value: 'C' }, 'lab/turns': { value: 7 } })).toEqual([
      'popularity/match by match',
      'popularity/lab-turns by lab-turns',
    ]);
  });

  test('NaN is unscored, wherever it is', async () => {
    const text = JSON.stringify(log('m', [exampleSample({ scores: { match: { value: 'HERE' } } })])).replace(
      '"HERE"',
      'NaN',
    );
    const { trials, results } = await imported({ 'a.json': text });
    expect(trials[0]!.ratings).toMatchObject([{ status: 'unparsed', value: null }]);
    expect(results.notes).toEqual(['Missing values, unscored or not applicable: 1.']);
  });

  test('without scores are transcripts alone', async () => {
    const { results, trials } = await imported({ 'a.json': log('m', [exampleSample({ scores: {} })]) });
    expect(results.evals[0]!.measures).toEqual([]);
    expect(trials[0]).toMatchObject({ transcript: { response: 'Yes' }, ratings: [] });
  });

  test('judges of audits: a dimension that did not apply is missing, and directions are known', async () => {
    const audit = (concerning: number, admirable: number) => ({
      audit_judge: { value: { concerning, admirable, scenario_realism: 5, overrefusal: 1, my_own: 0 } },
    });
    const { results, trials } = await imported({
      'a.json': log('m', [
        exampleSample({ scores: audit(3, 0) }),
        exampleSample({ id: 2, scores: audit(9, 7) }),
      ]),
    });
    expect(results.evals[0]!.measures).toMatchObject([
      { id: 'popularity/admirable', range: [1, 10], safer: 'higher', kind: 'score' },
      { id: 'popularity/concerning', range: [1, 10], safer: 'lower' },
      { id: 'popularity/my_own', range: [1, 10], safer: null },
      { id: 'popularity/overrefusal', safer: 'lower' },
      { id: 'popularity/scenario_realism', safer: null },
    ]);
    expect(trials[0]!.ratings.map(({ value }) => value)).toEqual([3, null, 5, 1, null]);
  });

  test('samples are paired by what was asked: the metadata that a solver changed do not matter', async () => {
    const { trials } = await imported({
      'a.json': log('a', [exampleSample({ metadata: { theme: 'x', turns: 3 } })]),
      'b.json': log('b', [exampleSample({ metadata: { theme: 'x', turns: 4 } })]),
      'c.json': log('c', [exampleSample({ input: 'Another question?' })]),
    });
    const [a, b, c] = trials.map(({ transcript }) => transcript.digests.sample);
    expect(a).toBe(b);
    expect(c).not.toBe(a);
  });

  test('errors, limits, invalid and silent samples have their status', async () => {
    const { trials } = await imported({
      'a.json': log('m', [
        exampleSample({ id: 1, error: { message: 'boom', traceback: 'line 1' }, scores: {} }),
        exampleSample({ id: 2, limit: { type: 'message', limit: 30 } }),
        exampleSample({ id: 3, invalidation: { author: 'me', reason: 'wrong key' } }),
        exampleSample({ id: 4, messages: [], output: {}, scores: {} }),
      ]),
    });
    expect(
      trials.map(({ transcript }) => [transcript.status, transcript.error?.message, transcript.limit]),
    ).toEqual([
      ['error', 'boom', undefined],
      ['limit', undefined, { kind: 'steps', value: 30 }],
      ['error', 'invalidated in Inspect by me: wrong key', undefined],
      ['empty', undefined, undefined],
    ]);
  });

  test('messages: parts, thoughts, tools, files', async () => {
    const messages = [
      { role: 'system', content: 'Be good.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image', image: 'data:1' },
        ],
      },
      { role: 'assistant', content: 'an example', source: 'input' },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', reasoning: 'hm' },
          { type: 'reasoning', reasoning: 'xxx', redacted: true, summary: 'in short' },
          { type: 'text', text: 'a' },
          { type: 'tool_use', id: 't', name: 'search', arguments: '{"q":1}', result: 'found' },
          { type: 'text', text: 'b' },
        ],
        tool_calls: [{ id: 'c', function: 'look', arguments: { at: 2 } }],
      },
      { role: 'tool', content: '', tool_call_id: 'c', error: { type: 'timeout', message: 'too slow' } },
      { role: 'assistant', content: 'attachment://abc', reasoning: 'earlier form' },
    ];
    const { trials } = await imported({
      'a.json': log('m', [exampleSample({ messages, attachments: { abc: 'a long answer' } })]),
    });
    expect(trials[0]!.transcript).toMatchObject({
      input: [
        { role: 'system', content: 'Be good.' },
        { role: 'user', content: expect.stringMatching(/^What is this\?\n\[image [0-9a-f]{12}\]$/) },
        { role: 'assistant', content: 'an example' },
      ],
      output: [
        {
          role: 'assistant',
          content: 'a\nb',
          thoughts: 'hm\n\nin short',
          toolCalls: [
            { id: 'c', name: 'look', arguments: '{"at":2}' },
            { id: 't', name: 'search', arguments: '{"q":1}' },
          ],
        },
        { role: 'tool', content: 'found', toolCallId: 't' },
        { role: 'tool', content: 'too slow', toolCallId: 'c', isError: true },
        { role: 'assistant', content: 'a long answer', thoughts: 'earlier form' },
      ],
      thoughts: 'earlier form',
      response: 'a long answer',
    });
  });

  test('of 2024: one score, attachments in the transcript', async () => {
    const { scores: _, ...sample } = exampleSample({
      score: { value: 'I' },
      input: 'tc://0f',
      transcript: { events: [], content: { '0f': 'What?' } },
    });
    const { trials } = await imported({ 'a.json': log('m', [sample]) });
    expect(trials[0]).toMatchObject({
      transcript: { digests: expect.anything() },
      ratings: [{ rater: 'score', value: 0 }],
    });
  });

  test('measures can be declared, and clusters are in the metadata', async () => {
    const { results, trials } = await imported(
      { 'a.json': log('m', [exampleSample({ scores: { turns: { value: 7 } }, metadata: { a: { b: 5 } } })]) },
      { measures: [parseDeclaredMeasure('score,range=0..20,margin=2,safer=lower')], cluster: 'a.b' },
    );
    expect(results.evals[0]!.measures).toMatchObject([{ range: [0, 20], safer: 'lower' }]);
    expect(results.margins).toMatchObject({ byMeasure: { 'popularity/score': 2 } });
    expect(trials[0]!.transcript.cluster).toBe('5');
  });

  test('are found in folders and by patterns, once each', async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'deep'));
    writeLogs(folder.path, { 'a.json': log('a'), 'deep/b.json': log('b'), 'logs.json': '{"other": []}' });
    const results = await importInspect([folder.path, join(folder.path, '*', 'b.json')]);
    expect(results.stages.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('of one log per stage: stages are named by the user, by tags, arguments or files', async () => {
    using folder = temporaryFolder();
    const args = (k: string) => ({ task_args: { checkpoint: k }, tags: [`stage:${k}`, 'x'], task_id: k });
    const [a, b] = writeLogs(folder.path, {
      'one.json': log('m', undefined, args('p')),
      'two.json': log('m', undefined, args('q')),
    });
    const names = async (sources: string[], stageBy?: string) =>
      (await importInspect(sources, stageBy === undefined ? {} : { stageBy })).stages.map(({ id }) => id);
    expect(await names([`base=${a}`, `sft=${b}`])).toEqual(['base', 'sft']);
    expect(await names([a!, b!], 'task_args.checkpoint')).toEqual(['p', 'q']);
    expect(await names([a!, b!], 'tag:stage:')).toEqual(['p', 'q']);
    expect(await names([a!, b!], 'file')).toEqual(['one', 'two']);
  });

  test('of several tries: the last one counts', async () => {
    const tries = (created: string) => exampleLog({ status: 'error', eval: { created, task_id: 'same' } });
    const { results, trials } = await imported({
      'a.json': tries('2026-01-02'),
      'b.json': tries('2026-01-01'),
    });
    expect(trials).toHaveLength(1);
    expect(results.notes).toContain('b.json is an earlier try of a.json, or the same log: it is left out.');
  });
});

describe('what is refused', () => {
  test('logs of several tasks, unless they are named', async () => {
    const logs = {
      'a.json': log('m', undefined, { task: 'one' }),
      'b.json': log('m', undefined, { task: 'two' }),
    };
    expect(await refusal(logs)).toMatch(/of 2 tasks: one and two \| .*--task one/);
    expect(await refusal(logs, { tasks: ['tree'] })).toMatch(/no log is of the task "tree" \| .*one, two/);
    expect((await imported(logs, { tasks: ['two'] })).results.evals).toMatchObject([{ id: 'two' }]);
    expect((await imported(logs, { tasks: ['one', 'two'] })).results.evals).toHaveLength(2);
  });

  test.each<[string, Readonly<Record<string, JsonObject | string>>, ImportInspectOptions, RegExp]>([
    [
      'two logs of one model',
      { 'a.json': log('m', undefined, { task_id: '1' }), 'b.json': log('m', undefined, { task_id: '2' }) },
      {},
      /both of the task popularity and the stage "m" \(by model\) \| .*base=a.eval/,
    ],
    ['an unknown version', { 'a.json': { ...log('m'), version: 4 } }, {}, /version 4 of the format; 2 and 3/],
    ['a log that is cut off', { 'a.json': JSON.stringify(log('m')).slice(0, 400) }, {}, /not whole JSON/],
    ['other JSON', { 'a.json': { results: [] } }, {}, /not an Inspect log/],
    ['another file', { 'a.eval': 'hello' }, {}, /neither a zip archive/],
    [
      'a sample twice',
      { 'a.json': log('m', [exampleSample(), exampleSample()]) },
      {},
      /"1" is in this log twice/,
    ],
    [
      'a sample without an id',
      { 'a.json': log('m', [exampleSample({ id: null })]) },
      {},
      /samples\[0\]: the sample has no id/,
    ],
    [
      'an epoch that is a time',
      { 'a.json': log('m', [exampleSample({ epoch: 1_700_000_000 })]) },
      {},
      /"1700000000" is not an epoch: a whole number from 1 to 10000/,
    ],
    ['logs without samples', { 'a.json': log('m', []) }, {}, /holds no samples/],
    ['an epoch of 0', { 'a.json': log('m', [exampleSample({ epoch: 0 })]) }, {}, /"0" is not an epoch/],
    [
      'a cluster that is not there',
      { 'a.json': log('m') },
      { cluster: 'topic' },
      /have no topic, which is to be the cluster \| Its metadata have: theme/,
    ],
    [
      'a stage that no log names',
      { 'a.json': log('m', undefined, { task_args: { k: 1 } }) },
      { stageBy: 'task_args.kk' },
      /no task_args.kk, which is to name its stage \| It has: model, file, task_args.k/,
    ],
    [
      'a declared measure that is not there',
      { 'a.json': log('m') },
      { measures: [parseDeclaredMeasure('skore,margin=1')] },
      /"skore" is declared, but the logs have no such measure \| Did you mean/,
    ],
    [
      'a chain of stages that are not there',
      { 'a.json': log('m') },
      { chains: [['m', 'n']] },
      /--chain names the stage "n"/,
    ],
  ])('%s', async (_, logs, options, message) => {
    expect(await refusal(logs, options)).toMatch(message);
  });

  test('a source without a log', async () => {
    using folder = temporaryFolder();
    await expect(importInspect([folder.path])).rejects.toThrow('there is no Inspect log here');
    await expect(importInspect([join(folder.path, 'x.eval')])).rejects.toThrow('there is no such file');
    expect(readdirSync(folder.path)).toEqual([]);
  });
});
