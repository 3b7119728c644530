import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Manifest, PublishedResults, Rating } from '../core/index.ts';
import { importOdcv, importTable } from '../interchange/index.ts';
import { importXstest } from '../interchange/xstest/import.ts';
import { openRun } from '../records/index.ts';
import { createRun } from '../records/run-writer.ts';
import { publishedTranscript, surveySamples } from './published-trial.ts';
import { temporaryFolder, trialsOf } from './testing/published.ts';
import { sharedData } from './testing/shared-data.ts';

const sample = {
  id: 'p1',
  cluster: 'theme',
  input: [{ role: 'user' as const, content: 'Hi' }],
  metadata: {},
};
const trial = { stage: 'm', eval: 'e', sample: 'p1', epoch: 1 };

describe('a published trial', () => {
  test('says nothing that was not published', () => {
    const transcript = publishedTranscript({ trial, sample, output: [] });
    expect(transcript).toMatchObject({
      status: 'completed',
      response: null,
      thoughts: null,
      seed: null,
      startedAt: null,
      durationMs: null,
      usage: { inputTokens: null, outputTokens: null },
      calls: 0,
    });
  });

  test('has the response and the thoughts of its last turn', () => {
    const transcript = publishedTranscript({
      trial,
      sample,
      output: [
        { role: 'assistant', content: 'one', thoughts: 'first' },
        { role: 'tool', content: 'x', toolCallId: '1' },
        { role: 'assistant', content: 'two' },
      ],
    });
    expect(transcript).toMatchObject({ response: 'two', thoughts: null, calls: 2 });
  });

  test('of the same sample has the same digests in every stage', () => {
    const digests = ['a', 'b'].map(
      (stage) => publishedTranscript({ trial: { ...trial, stage }, sample, output: [] }).digests,
    );
    expect(digests[0]).toEqual(digests[1]);
  });

  test('samples are surveyed whatever their order', () => {
    const other = { ...sample, id: 'p2' };
    expect(surveySamples([sample, other])).toEqual(surveySamples([other, sample]));
    expect(surveySamples([sample, other])).toMatchObject({ count: 2, clusters: 1 });
    expect(surveySamples([sample]).digest).not.toBe(surveySamples([other]).digest);
  });
});

function manifestOf({ name, source, stages, evals, raters, analysis, margins }: PublishedResults): Manifest {
  return {
    format: 'stemma-run',
    formatVersion: 1,
    stemma: '0.0.0',
    name,
    createdAt: '2026-01-01T00:00:00.000Z',
    origin: { kind: 'import', source },
    stages,
    evals,
    raters,
    margins: margins ?? { default: 0.05, byMeasure: {} },
    analysis: { contrasts: 'all', bootstrap: 0, seed: 1, headlineRater: null, ...analysis },
    study: null,
    digest: '0',
  };
}

const byRating = ({ key, measure, rater }: Rating) => `${key} ${measure} ${rater}`;

describe('published results come back from a run folder as they went in', () => {
  const xstest = sharedData('xstest');
  const odcv = sharedData('odcv');

  const cases: readonly (readonly [string, string, () => Promise<PublishedResults>])[] = [
    ['XSTest', xstest.skipped, () => importXstest(xstest.path)],
    ['ODCV-Bench', odcv.skipped, () => importOdcv(odcv.path)],
    ['a table by a mapping', '', importExampleTable],
  ];

  for (const [name, skipped, read] of cases) test.skipIf(skipped)(`${name}${skipped}`, () => comesBack(read));
});

async function importExampleTable(): Promise<PublishedResults> {
  const rows = Array.from({ length: 300 }, (_, n) => `s${n % 3},${n % 100},c${n % 10},${n % 2},é "${n}"`);
  const content = [
    'stage,sample,cluster,value,label',
    ...rows.map((row) => row.replaceAll(/(é.*)/g, (text) => `"${text.replaceAll('"', '""')}"`)),
  ];
  const folder = temporaryFolder({ 'scores.csv': content.join('\n') });
  const results = await importTable(join(folder.path, 'scores.csv'));
  const trials = await trialsOf(results);
  folder[Symbol.dispose]();
  return {
    ...results,
    trials: async function* () {
      yield* trials;
    },
  };
}

async function comesBack(read: () => Promise<PublishedResults>): Promise<void> {
  using folder = temporaryFolder();
  const path = join(folder.path, 'run');
  const results = await read();
  const trials = await trialsOf(results);
  {
    await using writer = await createRun(path, manifestOf(results));
    await Promise.all(trials.map(({ transcript }) => writer.appendTranscript(transcript)));
    await Promise.all(trials.map(({ ratings }) => writer.appendRatings(ratings)));
  }
  using run = await openRun(path);
  const rows = [...run.trials()];
  expect(rows.map(({ key }) => key)).toEqual(trials.map(({ transcript }) => transcript.key).sort());
  const { samples } = results.evals[0]!;
  expect(new Set(rows.map(({ sample }) => sample)).size).toBe(samples.count);
  expect(new Set(rows.map(({ cluster }) => cluster)).size).toBe(samples.clusters);
  for (const { transcript } of trials.filter((_, index) => index % 97 === 0)) {
    expect(await run.transcript(transcript.key)).toEqual(transcript);
  }
  const found: Rating[] = [];
  for await (const rating of run.ratings()) found.push(rating);
  const wanted = trials.flatMap(({ ratings }) => ratings);
  expect(new Map(found.map((rating) => [byRating(rating), rating]))).toEqual(
    new Map(wanted.map((rating) => [byRating(rating), rating])),
  );
  expect(run.manifest.raters).toEqual(JSON.parse(JSON.stringify(results.raters)));
}
