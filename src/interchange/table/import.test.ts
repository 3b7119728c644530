import { join } from 'node:path';
import { parquetWriteFile } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../core/index.ts';
import { temporaryFolder, trialsOf } from '../../evals/testing/published.ts';
import { parseChain } from '../chain.ts';
import { parseDeclaredMeasure, readDeclaredMeasures } from '../declared-measure.ts';
import { type ImportTableOptions, importTable } from './import.ts';
import { parseMapping } from './mapping.ts';

async function imported(content: string, options: ImportTableOptions = {}, name = 'scores.csv') {
  using folder = temporaryFolder({ [name]: content });
  const results = await importTable(join(folder.path, name), options);
  return { results, trials: await trialsOf(results) };
}

async function refusal(
  content: string,
  options: ImportTableOptions = {},
  name = 'scores.csv',
): Promise<InputError> {
  using folder = temporaryFolder({ [name]: content });
  const error: unknown = await importTable(join(folder.path, name), options).catch((error) => error);
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).place.file).toBe(join(folder.path, name));
  return error as InputError;
}

describe('rows of JSON that leave out what was not measured', () => {
  const line = (stage: string, sample: string, more: object) => JSON.stringify({ stage, sample, ...more });
  const values = (trials: Awaited<ReturnType<typeof imported>>['trials']) =>
    trials.map(({ transcript, ratings }) => [transcript.response, ...ratings.map(({ value }) => value)]);

  test.each([
    [
      'first',
      [line('a', 'p1', { response: 'x' }), line('b', 'p1', { response: 'y', value: 1 })],
      [['x'], ['y', 1]],
    ],
    [
      'last',
      [line('a', 'p1', { response: 'x', value: 1 }), line('b', 'p1', { response: 'y' })],
      [['x', 1], ['y']],
    ],
    [
      'last, without responses',
      [line('a', 'p1', { value: 1 }), line('b', 'p1', {})],
      [
        [null, 1],
        [null, null],
      ],
    ],
  ])('%s: the values of other rows count', async (_, lines, wanted) => {
    const { trials } = await imported(lines.join('\n'), {}, 'scores.jsonl');
    expect(values(trials)).toEqual(wanted);
  });

  test('also where the mapping names the column, by a path too; a column that no row has is refused', async () => {
    const content = [line('a', 'p1', { s: {} }), line('b', 'p1', { s: { x: 0 } })].join('\n');
    const named = (path: string) => ({ mapping: parseMapping(`value=${path}`) });
    const { trials } = await imported(content, named('s.x'), 'scores.jsonl');
    expect(values(trials)).toEqual([
      [null, null],
      [null, 0],
    ]);
    const { message } = await refusal(content, named('s.y'), 'scores.jsonl');
    expect(message).toContain('there is no column "s.y"');
  });
});

describe('a table of results', () => {
  test("with columns of the fields' own names needs no mapping", async () => {
    const { results, trials } = await imported(
      'stage,sample,cluster,value\nsft,p1,a,1\nrl,p1,a,0\nsft,p2,b,0\nrl,p2,b,\n',
    );
    expect(results).toMatchObject({ name: 'scores', source: 'scores.csv', analysis: { contrasts: 'all' } });
    expect(results.stages).toEqual([
      // The order of rows means nothing: without a chain, stages are in the order of their names.
      { id: 'rl', kind: 'imported', from: null, model: null },
      { id: 'sft', kind: 'imported', from: null, model: null },
    ]);
    expect(results.evals).toMatchObject([
      {
        id: 'imported',
        epochs: 1,
        samples: { count: 2, clusters: 2 },
        measures: [{ id: 'imported/value', kind: 'rate', range: [0, 1], safer: null, level: 'nominal' }],
      },
    ]);
    expect(results.raters).toEqual([{ id: 'published', kind: 'autorater', digests: {} }]);
    expect(
      trials.map(({ transcript, ratings }) => [transcript.key, transcript.cluster, ratings[0]!.value]),
    ).toEqual([
      ['sft/imported/p1#1', 'a', 1],
      ['rl/imported/p1#1', 'a', 0],
      ['sft/imported/p2#1', 'b', 0],
      ['rl/imported/p2#1', 'b', null],
    ]);
    // What was not measured is kept, as missing.
    expect(trials[3]!.ratings[0]!.status).toBe('unparsed');
    expect(trials[0]!.transcript.digests).toEqual(trials[1]!.transcript.digests);
  });

  test('by a mapping: rows of one trial come together wherever they are, whatever names them', async () => {
    const content = `checkpoint,prompt_id,theme,try,judge,what,score,verdict,why,asked,mind,said
org/model:7b,1,x,1,human A,odd,3,bad,because,Hi?,hmm,Hello
org/model:7b,1,x,2,human A,odd,4,,,Hi?,,Hey
org/model:7b,1,x,1,gpt,odd,5,worse,,Hi?,hmm,Hello
org/model:7b,1,x,1,gpt,refusals/over-refusal,True,,,Hi?,hmm,Hello
`;
    const { columns } = parseMapping(
      'stage=checkpoint,sample=prompt_id,cluster=theme,epoch=try,rater=judge,measure=what,value=score,label=verdict,explanation=why,prompt=asked,thoughts=mind,response=said',
    );
    const { results, trials } = await imported(content, { mapping: { columns, safer: 'higher' } });
    expect(results.stages).toEqual([
      { id: 'org-model-7b', title: 'org/model:7b', kind: 'imported', from: null, model: null },
    ]);
    expect(results.raters).toEqual([
      { id: 'gpt', kind: 'autorater', digests: {} },
      { id: 'human-A', title: 'human A', kind: 'human', digests: {} },
    ]);
    expect(results.evals[0]!.epochs).toBe(2);
    expect(results.evals[0]!.measures).toMatchObject([
      { id: 'imported/odd', kind: 'score', range: [3, 5], rangeOf: 'values', safer: 'higher' },
      // A measure that stemma knows is what stemma knows it to be.
      { id: 'refusals/over-refusal', title: 'Over-refusal', kind: 'rate', safer: 'lower' },
    ]);
    expect(results.margins).toEqual({ default: 0.05, byMeasure: {} });
    // A trial is given with the last of its rows.
    trials.reverse();
    expect(trials).toHaveLength(2);
    expect(trials[0]!.transcript).toMatchObject({
      key: 'org-model-7b/imported/1#1',
      input: [{ role: 'user', content: 'Hi?' }],
      output: [{ role: 'assistant', content: 'Hello', thoughts: 'hmm' }],
      thoughts: 'hmm',
      response: 'Hello',
    });
    expect(
      trials[0]!.ratings.map(({ rater, measure, value, label, explanation }) => [
        rater,
        measure,
        value,
        label,
        explanation,
      ]),
    ).toEqual([
      ['human-A', 'imported/odd', 3, 'bad', 'because'],
      ['gpt', 'imported/odd', 5, 'worse', undefined],
      ['gpt', 'refusals/over-refusal', 1, undefined, undefined],
    ]);
    expect(trials[1]!.transcript.trial.epoch).toBe(2);
  });

  test('with 0.37 anywhere is a score, of which nobody knows the range', async () => {
    const { results } = await imported('stage,sample,value\na,1,1\na,2,0.37\nb,1,0\nb,2,1\n');
    expect(results.evals[0]!.measures[0]).toMatchObject({ kind: 'score', range: [0, 1], rangeOf: 'values' });
    expect(results.margins).toEqual({ default: 0.05, byMeasure: {} });
  });

  test('keeps the values of a measure that stemma derives in its own runs', async () => {
    const { results } = await imported(
      'stage,sample,measure,value\na,p1,odcv/misalignment,1\nb,p1,odcv/misalignment,0\n',
    );
    expect(results.evals[0]!.measures).toMatchObject([{ id: 'odcv/misalignment', kind: 'rate' }]);
    expect(results.evals[0]!.measures[0]).not.toHaveProperty('derived');
  });

  test('is read as declared: kind, range, margin, ratio, safer, and the chains', async () => {
    const content =
      'stage,sample,measure,value\nrl-b,1,turns,7\nbase,1,turns,3\nsft,1,turns,4\nrl-a,1,turns,5\nbase,1,bad,0\nsft,1,bad,1\n';
    const { results } = await imported(content, {
      measures: [
        parseDeclaredMeasure('turns,kind=score,range=0..100,margin=5,safer=higher'),
        parseDeclaredMeasure('bad,ratio=2,safer=lower'),
      ],
      chains: [parseChain('base,sft,rl-a'), parseChain('base,sft,rl-b')],
    });
    expect(results.evals[0]!.measures).toMatchObject([
      { id: 'imported/bad', kind: 'rate', safer: 'lower' },
      { id: 'imported/turns', kind: 'score', range: [0, 100], safer: 'higher' },
    ]);
    expect(results.evals[0]!.measures[1]).not.toHaveProperty('rangeOf');
    expect(results.margins).toEqual({
      default: 0.05,
      byMeasure: { 'imported/turns': 5 },
      ratios: { 'imported/bad': 2 },
    });
    expect(results.stages.map(({ id, from }) => [id, from])).toEqual([
      ['base', null],
      ['sft', 'base'],
      ['rl-a', 'sft'],
      ['rl-b', 'sft'],
    ]);
    expect(results.analysis).toEqual({ contrasts: 'chain' });
  });

  test('of measures declares them as --measure does', async () => {
    using folder = temporaryFolder({
      'measures.csv': 'measure,kind,range,margin,safer\nturns,score,0..100,5,lower\nbad,,,,lower\n',
    });
    expect(await readDeclaredMeasures(join(folder.path, 'measures.csv'))).toEqual([
      { name: 'turns', kind: 'score', range: [0, 100], margin: 5, safer: 'lower' },
      { name: 'bad', safer: 'lower' },
    ]);
  });

  test.each<[string, () => unknown, string]>([
    ['a key that does not exist', () => parseDeclaredMeasure('turns,rnage=0..5'), 'Did you mean "range"'],
    ['no name', () => parseDeclaredMeasure('kind=rate'), '--measure turns,'],
    ['a range backwards', () => parseDeclaredMeasure('turns,range=5..0'), '--measure turns,'],
    ['a margin of 0', () => parseDeclaredMeasure('turns,margin=0'), '--measure turns,'],
    ['a rate from 1 to 5', () => parseDeclaredMeasure('turns,kind=rate,range=1..5'), '--measure turns,'],
    ['a chain of one', () => parseChain('base'), '--chain base,sft,rl'],
  ])('declared with %s is an error that says what to write', (_, read, remedy) => {
    expect(read).toThrow(InputError);
    try {
      read();
    } catch (error) {
      expect((error as InputError).remedy).toContain(remedy);
    }
  });

  test.each<[string, ImportTableOptions, string, string]>([
    ['a measure', { measures: [{ name: 'valu' }] }, 'no such measure', 'Did you mean "imported/value"'],
    ['a stage', { chains: [['a', 'c']] }, 'does not have', 'Its stages are: a, b'],
  ])('declared with %s that it does not have is an error', async (_, options, words, remedy) => {
    using folder = temporaryFolder({ 'scores.csv': 'stage,sample,value\na,1,1\nb,1,0\n' });
    const error: unknown = await importTable(join(folder.path, 'scores.csv'), options).catch((one) => one);
    expect((error as InputError).message).toContain(words);
    expect((error as InputError).remedy).toContain(remedy);
  });

  test('that contradicts its chains is refused', async () => {
    using folder = temporaryFolder({ 'scores.csv': 'stage,sample,value\na,1,1\nb,1,0\nc,1,0\n' });
    const path = join(folder.path, 'scores.csv');
    const twice = importTable(path, {
      chains: [
        ['a', 'c'],
        ['b', 'c'],
      ],
    });
    await expect(twice).rejects.toThrow('was trained from "a" and from "b"');
    await expect(
      importTable(path, {
        chains: [
          ['a', 'b'],
          ['b', 'a'],
        ],
      }),
    ).rejects.toThrow('"a" comes from itself');
  });

  test('in JSONL, JSON and Parquet is the same', async () => {
    const rows = [
      { stage: 'a', sample: 1, value: true, response: 'x' },
      { stage: 'b', sample: 1, value: false, response: 'y' },
    ];
    const wanted = ['a/imported/1#1', 'b/imported/1#1'];
    const lines = await imported(rows.map((row) => JSON.stringify(row)).join('\n'), {}, 'scores.jsonl');
    const array = await imported(JSON.stringify(rows), {}, 'scores.json');
    using folder = temporaryFolder();
    const filename = join(folder.path, 'scores.parquet');
    const columns = ['stage', 'sample', 'value', 'response'] as const;
    parquetWriteFile({
      filename,
      columnData: columns.map((name) => ({ name, data: rows.map((row) => row[name]) })),
    });
    const parquet = await trialsOf(await importTable(filename));
    for (const trials of [lines.trials, array.trials, parquet]) {
      expect(trials.map(({ transcript }) => transcript.key)).toEqual(wanted);
      expect(trials.map(({ ratings }) => ratings[0]!.value)).toEqual([1, 0]);
      expect(trials.map(({ transcript }) => transcript.response)).toEqual(['x', 'y']);
    }
  });

  test('whose format its name does not tell is read as said', async () => {
    const { trials } = await imported('stage\tsample\tvalue\na\t1\t1\n', { format: 'tsv' }, 'scores.txt');
    expect(trials).toHaveLength(1);
  });

  test.each(['', 'NA', 'N/A', 'nan', 'null', 'None'])('a value %j was not measured', async (value) => {
    const { trials } = await imported(`stage,sample,value\na,1,${value}\na,2,1\n`);
    expect(trials[0]!.ratings).toMatchObject([{ status: 'unparsed', value: null }]);
  });

  test.each<[string, string, ImportTableOptions, string, number | undefined, string]>([
    [
      "no column of a field's name",
      'stage,sample,refused\na,1,1\n',
      {},
      'no column says the value',
      2,
      '--map value=COLUMN',
    ],
    [
      'a mapped column that is missing',
      'stage,sample,Refused?\na,1,1\n',
      { mapping: { columns: { value: 'refused' } } },
      'no column "refused"',
      2,
      'Did you mean "Refused?"',
    ],
    [
      'a mapped column that no row needs',
      'stage,sample,value\na,1,1\n',
      { mapping: { columns: { label: 'vale' } } },
      'no column "vale"',
      undefined,
      'Did you mean "value"',
    ],
    [
      'a value that is not a number',
      'stage,sample,value\na,1,1\nb,1,good\n',
      {},
      '"good" is not a number',
      3,
      'a mapping file says for which',
    ],
    [
      'a value with a comma',
      'stage,sample,value\na,1,"1,500"\n',
      {},
      '"1,500" is not a number',
      2,
      'without the commas',
    ],
    ['an epoch from 0', 'stage,sample,epoch,value\na,1,0,1\n', {}, '"0" is not an epoch', 2, ''],
    ['a stage that is empty', 'stage,sample,value\n,1,1\n', {}, 'the stage is empty', 2, ''],
    [
      'a sample id of absurd length',
      `stage,task,value\na,1,1\na,${'x'.repeat(4097)},1\n`,
      { mapping: { columns: { sample: 'task' } } },
      'column "task": the sample is 4,097 characters long',
      3,
      'short one',
    ],
    [
      'the same twice',
      'stage,sample,value\na,1,1\na,2,1\na,1,1\n',
      {},
      'in line 2 already',
      4,
      'epoch=COLUMN',
    ],
    [
      'two responses to one',
      'stage,sample,rater,value,response\na,1,r,1,x\na,1,s,1,y\n',
      {},
      'another prompt or response here than in line 2',
      3,
      'epoch=COLUMN',
    ],
    [
      'two clusters of one sample',
      'stage,sample,cluster,value\na,1,x,1\nb,1,y,1\n',
      {},
      'but of "x" in line 2',
      3,
      'one cluster',
    ],
    [
      'an epoch that is a time',
      'stage,sample,epoch,value\na,1,1764000000,1\n',
      {},
      'a whole number from 1 to 10000',
      2,
      '',
    ],
    [
      'a name that becomes none',
      'stage,sample,value\n???,1,1\n',
      {},
      '"???" can\'t be the id of a stage',
      2,
      '',
    ],
    [
      'a value out of a known range',
      'stage,sample,measure,value\na,1,odcv/severity,7\n',
      {},
      'lies between 0 and 5',
      undefined,
      '',
    ],
    ['no value at all', 'stage,sample,value\na,1,\n', {}, 'has no value in any row', undefined, ''],
    ['no rows', 'stage,sample,value\n', {}, 'holds no rows', undefined, ''],
  ])('%s is an error that says where and what to do', async (_, content, options, words, line, remedy) => {
    const error = await refusal(content, options);
    expect(error.message).toContain(words);
    expect(error.place.line).toBe(line);
    expect(error.remedy ?? '').toContain(remedy);
  });

  test('rows that share a line are told apart', async () => {
    const rows = [1, 2].flatMap((sample) =>
      ['r', 's'].map((rater) => ({ stage: 'a', sample, rater, value: 1 })),
    );
    const { trials } = await imported(JSON.stringify(rows), {}, 'scores.json');
    expect(trials.map(({ ratings }) => ratings.length)).toEqual([2, 2]);
  });
});

test('an optional measure that no row has the column of is told: its name may be mistyped', async () => {
  using folder = temporaryFolder({
    'a.csv': 'stage,sample,harm,late\nsft,1,0,\nsft,2,1,\n',
    'b.csv': 'stage,sample,harm,late\nrl,1,0,1\n',
  });
  const measures = (column: string) => [
    { name: 'harm', fields: { value: 'harm' } },
    { name: 'late', optional: true, fields: { value: 'late' } },
    { name: 'helpful', optional: true, fields: { value: column } },
  ];
  const notesOf = async (files: readonly string[], column: string) =>
    (
      await importTable(
        files.map((file) => join(folder.path, file)),
        { mapping: { columns: {}, measures: measures(column) } },
      )
    ).notes;
  const told = (name: string) =>
    `No row has the column of the optional measure "${name}": it is not in the run.`;
  expect(await notesOf(['a.csv', 'b.csv'], 'harmm')).toEqual([told('helpful')]);
  expect(await notesOf(['a.csv', 'b.csv'], 'harm')).toEqual([]);
  const mapping = { columns: {}, measures: measures('harmm').slice(2) };
  await expect(importTable(join(folder.path, 'a.csv'), { mapping })).rejects.toMatchObject({
    message: 'no row of this table has a value or a response',
    remedy: expect.stringContaining('No row has the columns of helpful.'),
  });
});

describe('a mapping on the command line', () => {
  test('names columns by field, and which way is safer', () => {
    expect(parseMapping(' stage=check point, value = a=b ,safer=higher')).toEqual({
      columns: { stage: 'check point', value: 'a=b' },
      safer: 'higher',
    });
    expect(parseMapping(undefined)).toEqual({ columns: {} });
  });

  test.each([
    ['stages=a', '--map stages: unknown key "stages"', 'Did you mean "stage"?'],
    ['stage', 'there is no mapping "stage", and no file of this name', '--map stage='],
    ['stage=', 'is not of the form field=column', '--map stage='],
    ['stage=a,stage=b', 'names "stage" twice', ''],
    ['safer=up', '--map safer: must be "lower" or "higher"', ''],
    ['stages=a,smple=b', 'Did you mean "sample"?', ''],
  ])('%s is an error', (text, words, remedy) => {
    expect(() => parseMapping(text)).toThrow(InputError);
    try {
      parseMapping(text);
    } catch (error) {
      expect(String(error)).toContain(words);
      expect((error as InputError).remedy ?? '').toContain(remedy);
    }
  });
});
