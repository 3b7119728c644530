import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Rating, Transcript } from '../../core/index.ts';
import { trialsOf } from '../../evals/testing/published.ts';
import { sharedData } from '../../evals/testing/shared-data.ts';
import { importInspect } from './import.ts';
import { type DumpedSample, dumpLogs, freshLogs, inspect } from './testing/real-inspect.ts';

const shared = sharedData('inspect');

function logsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /\.(eval|json)$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

interface ReadTrial {
  readonly transcript: Transcript;
  readonly ratings: readonly Rating[];
}

async function readTrials(log: string): Promise<ReadTrial[]> {
  return await trialsOf(await importInspect([log], { stageBy: 'file' }));
}

/** What Inspect's own `value_to_float` gives, as its documentation says; `undefined` for what it cannot convert. */
function asFloat(value: unknown): number | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return value;
  const words: Record<string, number> = { C: 1, I: 0, P: 0.5, N: 0, yes: 1, no: 0, true: 1, false: 0 };
  const word = String(value);
  return (
    words[word] ?? words[word.toLowerCase()] ?? (Number.isFinite(Number(word)) ? Number(word) : undefined)
  );
}

/** The scores of a sample, flat: `scorer`, `scorer.key` or `scorer.place` with a number, or `null` where there is none. */
function flat(scores: DumpedSample['scores']): Record<string, number | null> {
  return Object.fromEntries(
    Object.entries(scores).flatMap(([scorer, [value]]): [string, number | null][] => {
      const number = (item: unknown) => asFloat(item) ?? null;
      if (Array.isArray(value)) return value.map((item, place) => [`${scorer}.${place + 1}`, number(item)]);
      if (value !== null && typeof value === 'object') {
        const audit = Object.keys(value).includes('concerning');
        return Object.entries(value).map(([key, item]) => [
          `${scorer}.${key}`,
          audit && item === 0 ? null : number(item),
        ]);
      }
      return [[scorer, number(value)]];
    }),
  );
}

function flatRatings(
  ratings: readonly Rating[],
  scores: DumpedSample['scores'],
): Record<string, number | null> {
  return Object.fromEntries(
    ratings.map(({ measure, rater, value }) => {
      const name = measure.slice(measure.indexOf('/') + 1);
      const written = scores[rater]?.[0];
      if (Array.isArray(written)) return [`${rater}.${name.slice(name.lastIndexOf('-') + 1)}`, value];
      return [written !== null && typeof written === 'object' ? `${rater}.${name}` : rater, value];
    }),
  );
}

function expectSame(dumped: DumpedSample, { transcript, ratings }: ReadTrial): void {
  const messages = [...transcript.input, ...transcript.output];
  expect(messages.map(({ role, content }) => [role, content])).toEqual(
    dumped.messages.map(({ role, text }) => [role, text]),
  );
  expect(messages.map((message) => (message.role === 'assistant' ? (message.thoughts ?? '') : ''))).toEqual(
    dumped.messages.map(({ reasoning }) => reasoning.join('\n\n')),
  );
  const calls = messages.map((message) =>
    message.role === 'assistant'
      ? (message.toolCalls ?? []).map(({ id, name, arguments: said }) => [id, name, JSON.parse(said)])
      : [],
  );
  expect(calls).toEqual(dumped.messages.map(({ calls }) => calls));
  if (messages.at(-1)?.role === 'assistant') expect(transcript.response).toBe(dumped.completion);
  expect(flatRatings(ratings, dumped.scores)).toEqual(flat(dumped.scores));
  expect(ratings.map(({ rater, explanation }) => [rater, explanation ?? null])).toEqual(
    ratings.map(({ rater }) => [rater, dumped.scores[rater]![1]]),
  );
  expect(transcript.status === 'error' ? transcript.error!.message : null).toBe(dumped.error);
  expect(transcript.status === 'limit').toBe(dumped.limit !== null);
  const { target, choices } = transcript.metadata.inspect as Record<string, unknown>;
  expect([target, choices ?? null]).toEqual([dumped.target, dumped.choices]);
  const { inspect: _, ...metadata } = transcript.metadata;
  const nanAsNull = JSON.parse(JSON.stringify(dumped.metadata).replaceAll('"NaN"', 'null'));
  expect(metadata).toEqual(nanAsNull);
}

async function expectAllSame(logs: readonly string[]): Promise<number> {
  const dumped = dumpLogs(logs);
  let compared = 0;
  for (const log of logs) {
    const trials = await readTrials(log);
    const wanted = dumped.filter((sample) => sample.log === log);
    const nameOf = (id: string, epoch: number) => `${id}#${epoch}`;
    const byName = new Map(
      trials.map((trial) => [nameOf(trial.transcript.trial.sample, trial.transcript.trial.epoch), trial]),
    );
    expect([...byName.keys()].sort()).toEqual(wanted.map(({ id, epoch }) => nameOf(id, epoch)).sort());
    for (const sample of wanted) expectSame(sample, byName.get(nameOf(sample.id, sample.epoch))!);
    compared += wanted.length;
  }
  return compared;
}

describe.skipIf(inspect.skipped !== '' || shared.skipped !== '')(
  `published logs, sample by sample, as Inspect's API reads them${inspect.skipped}${shared.skipped}`,
  () => {
    it('are read alike, in both formats and versions', async () => {
      expect(await expectAllSame(logsIn(shared.path))).toBeGreaterThan(20);
    });
  },
);

describe.skipIf(inspect.skipped !== '')(`logs of Inspect ${inspect.version}${inspect.skipped}`, () => {
  let folder: string;
  beforeAll(() => {
    folder = freshLogs();
  }, 180_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are read as its API reads them: zstd, JSON, cancelled, crashed', async () => {
    const logs = ['zoo', 'json', 'cancelled', 'crashed'].flatMap((part) => logsIn(join(folder, part)));
    // Two whole logs and one as JSON, each 8 samples in 2 epochs; the others ended at the sixth sample.
    expect(await expectAllSame(logs)).toBeGreaterThanOrEqual(3 * 16 + 2 * 5);
  });

  it('are the same in chunks and whole', async () => {
    const [chunked] = logsIn(join(folder, 'chunked'));
    const [whole] = logsIn(join(folder, 'zoo'));
    const read = async (log: string) => {
      const trials = await trialsOf(await importInspect([`a=${log}`]));
      return trials.sort((a, b) => (a.transcript.key < b.transcript.key ? -1 : 1));
    };
    const trials = await read(chunked!);
    expect(trials).toHaveLength(16);
    expect(trials).toEqual(await read(whole!));
  });

  it('say what of them is not whole, and N apart', async () => {
    const notes = async (part: string) =>
      (await importInspect([join(folder, part)], { stageBy: 'file' })).notes;
    expect(await notes('crashed')).toContainEqual(
      expect.stringMatching(/was never finished: those of 16 trials/),
    );
    expect(await notes('cancelled')).toContainEqual(
      expect.stringMatching(/ended with the status "cancelled"/),
    );
    expect(await notes('zoo')).toContainEqual(expect.stringMatching(/^N \(no answer\) counts as 0.*: 8\.$/));
  });
});
