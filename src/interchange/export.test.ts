import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { InputError } from '../core/index.ts';
import { createRun } from '../records/run-writer.ts';
import {
  exampleManifest,
  exampleRating,
  exampleTranscript,
  newFolder,
} from '../records/testing/example-run.ts';
import { exportRun } from './export.ts';

const first = 'sft/refusals/zwei, "b"#1';
const second = 'rl/refusals/2#3';
const transcripts = [
  exampleTranscript(first, {
    response: 'one\r\ntwo, "three" 😀',
    thoughts: '',
    usage: { inputTokens: 3, outputTokens: null },
    seed: 2 ** 31,
    metadata: { theme: 'ü' },
  }),
  exampleTranscript(second, {
    status: 'error',
    response: null,
    error: { kind: 'timeout', message: 'no answer' },
  }),
];
const ratings = [
  exampleRating(first, { value: 0.25, label: 'partial', explanation: '=SUM(1)' }),
  exampleRating(first, { rater: 'judge', status: 'unparsed', value: null, raw: '{"' }),
];

async function exampleRun(folder: string): Promise<void> {
  await using writer = await createRun(folder, exampleManifest);
  for (const transcript of transcripts) await writer.appendTranscript(transcript);
  for (const rating of ratings) await writer.appendRatings([rating]);
}

/** What every format must say, as JSON does. */
const RATINGS = [
  {
    key: first,
    stage: 'sft',
    eval: 'refusals',
    sample: 'zwei, "b"',
    epoch: 1,
    attempt: 1,
    cluster: 'homonyms',
    trial_status: 'completed',
    measure: 'refusals/over-refusal',
    rater: 'judge',
    rater_digest: 'd'.repeat(32),
    status: 'unparsed',
    value: null,
    label: null,
    explanation: null,
    raw: '{"',
    rater_input_tokens: null,
    rater_output_tokens: null,
  },
  {
    key: first,
    stage: 'sft',
    eval: 'refusals',
    sample: 'zwei, "b"',
    epoch: 1,
    attempt: 1,
    cluster: 'homonyms',
    trial_status: 'completed',
    measure: 'refusals/over-refusal',
    rater: 'rule',
    rater_digest: 'd'.repeat(32),
    status: 'rated',
    value: 0.25,
    label: 'partial',
    explanation: '=SUM(1)',
    raw: null,
    rater_input_tokens: null,
    rater_output_tokens: null,
  },
];

async function exported(to: 'csv' | 'jsonl' | 'parquet', what: 'ratings' | 'transcripts') {
  const folder = newFolder();
  await exampleRun(folder.path);
  const out = join(folder.parent, `table.${to}`);
  const rows = await exportRun(folder.path, { to, what, out });
  expect(readdirSync(folder.parent).sort()).toEqual(['run', `table.${to}`]);
  return { out, rows, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

async function readParquet(path: string): Promise<Record<string, unknown>[]> {
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
  const plain = (value: unknown) => (typeof value === 'bigint' ? Number(value) : value);
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value ?? null)])),
  );
}

describe('ratings', () => {
  test('as JSONL', async () => {
    using table = await exported('jsonl', 'ratings');
    const lines = readFileSync(table.out, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(RATINGS);
    expect(table.rows).toBe(2);
  });

  test('as CSV, where nothing recorded is an empty cell', async () => {
    using table = await exported('csv', 'ratings');
    const rows = parse(readFileSync(table.out), { columns: true });
    const text = (value: unknown) => (value === null ? '' : String(value));
    const asText = (row: object) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, text(value)]));
    expect(rows).toEqual(RATINGS.map(asText));
  });

  test('as Parquet', async () => {
    using table = await exported('parquet', 'ratings');
    expect(await readParquet(table.out)).toEqual(RATINGS);
  });
});

describe('transcripts', () => {
  const wanted = {
    key: first,
    sample: 'zwei, "b"',
    seed: 2 ** 31,
    thoughts: '',
    response: 'one\r\ntwo, "three" 😀',
    error: null,
    input_tokens: 3,
    output_tokens: null,
    metadata: { theme: 'ü' },
    input: [{ role: 'user', content: 'How do I kill a Python process?' }],
    state: null,
  };

  test('as JSONL and as Parquet say the same', async () => {
    using lines = await exported('jsonl', 'transcripts');
    using parquet = await exported('parquet', 'transcripts');
    const rows = readFileSync(lines.out, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows[0]).toMatchObject(wanted);
    expect(rows[1]).toMatchObject({ key: second, epoch: 3, response: null, error: 'timeout: no answer' });
    expect(await readParquet(parquet.out)).toEqual(rows);
  });

  test('as CSV hold texts as they are and JSON as text', async () => {
    using table = await exported('csv', 'transcripts');
    const text = readFileSync(table.out, 'utf8');
    const [row] = parse(text, { columns: true });
    expect(row).toMatchObject({ response: wanted.response, metadata: '{"theme":"ü"}', state: '' });
    // An empty text is not the same as none.
    expect(text).toContain(',"","one\r\ntwo');
  });
});

test('a run without records is a table without rows', async () => {
  using folder = newFolder();
  await (await createRun(folder.path, exampleManifest)).close();
  for (const to of ['csv', 'jsonl', 'parquet'] as const) {
    const out = join(folder.parent, `empty.${to}`);
    expect(await exportRun(folder.path, { to, what: 'ratings', out })).toBe(0);
    if (to === 'parquet') expect(await readParquet(out)).toEqual([]);
  }
  expect(readFileSync(join(folder.parent, 'empty.csv'), 'utf8')).toMatch(/^key,stage,.*\n$/);
});

test('a file that cannot be written is an error that says where, and leaves nothing behind', async () => {
  using folder = newFolder();
  await exampleRun(folder.path);
  mkdirSync(join(folder.parent, 'taken'));
  for (const to of ['csv', 'parquet'] as const) {
    for (const out of [join(folder.parent, 'nowhere', 'table'), join(folder.parent, 'taken')]) {
      const error = await exportRun(folder.path, { to, what: 'ratings', out }).catch((error) => error);
      expect(error).toBeInstanceOf(InputError);
      expect(error.place.file).toBe(out);
    }
  }
  expect(readdirSync(folder.parent).sort()).toEqual(['run', 'taken']);
});
