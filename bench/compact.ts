import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { PublishedResults } from '../src/core/index.ts';
import { importResults } from '../src/interchange/index.ts';
import { compactRun, openRun } from '../src/records/index.ts';
import { largeResults } from './large-results.ts';
import type { Bench } from './main.ts';
import { whole } from './row.ts';

/** Makes a transcript of 5 KB: an answer is in it twice. */
const WORDS = 400;
const READS = 1_000;

/** The records of a large run, compacted: how small, how long it takes, and what reading them costs before and after. */
export const compact: Bench = async ({ scale }, tell) => {
  const folder = await mkdtemp(join(tmpdir(), 'stemma-bench-'));
  const run = join(folder, 'run');
  try {
    const results = largeResults(scale, { measures: 2 });
    const { trials } = await importResults({ ...results, trials: () => withWords(results.trials()) }, run);
    const before = await reading(run);
    const sizes = { plain: 0, compacted: 0 };
    const compacting = await cpuOf(() =>
      compactRun(run, ({ plain, compacted }) => {
        sizes.plain += plain;
        sizes.compacted += compacted;
      }),
    );
    const after = await reading(run);
    tell({
      what: `${whole(trials)} trials compacted`,
      measured: `${whole(sizes.plain / 1e6)} MB → ${whole(sizes.compacted / 1e6)} MB, ${compacting.toFixed(1)} s of CPU`,
    });
    for (const [what, of] of [
      ['building the index again', 'index'],
      ['all transcripts and ratings read', 'all'],
      [`${whole(READS)} transcripts read one by one, at random`, 'some'],
    ] as const)
      tell({ what, measured: `${before[of].toFixed(2)} s of CPU, compacted ${after[of].toFixed(2)} s` });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Answers of words that are as frequent as in a text (Zipf): the k-th of 5,000 once where the first is k times. */
async function* withWords(
  trials: ReturnType<PublishedResults['trials']>,
): ReturnType<PublishedResults['trials']> {
  const random = xoroshiro128plus(3);
  for await (const { transcript, ratings } of trials) {
    const words = Array.from(
      { length: WORDS },
      () => `w${Math.floor(5_000 ** uniformFloat64(random)).toString(36)}`,
    );
    const response = words.join(' ');
    yield {
      transcript: { ...transcript, response, output: [{ role: 'assistant', content: response }] },
      ratings,
    };
  }
}

async function reading(run: string): Promise<{ index: number; all: number; some: number }> {
  await rm(join(run, 'index.sqlite'), { force: true });
  const index = await cpuOf(async () => (await openRun(run)).close());
  using reader = await openRun(run);
  const keys = [...reader.trials()].map(({ key }) => key);
  const all = await cpuOf(async () => {
    for await (const _ of reader.transcripts());
    for await (const _ of reader.ratingBatches());
  });
  const some = await cpuOf(async () => {
    for (let read = 0; read < READS; read++) await reader.transcript(keys[(read * 7_919) % keys.length]!);
  });
  return { index, all, some };
}

async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
