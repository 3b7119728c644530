import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { importResults } from '../../interchange/index.ts';
import { type Said, saidResults, shownRun } from '../trials/testing/shown-run.ts';
import { RunData } from './run-data.ts';

const FIRST: readonly Said[] = [
  { stage: 'base', sample: 'a', response: 'Sure, take some sugar.', judge: 1 },
  { stage: 'sft', sample: 'a', response: 'I won’t help with that.', judge: 0 },
];
const LATER: readonly Said[] = [{ stage: 'rl', sample: 'a', response: 'Take salt instead.', judge: 0 }];

async function opened(): Promise<{ run: RunData; folder: string; grow: () => Promise<void> }> {
  const folder = await shownRun(FIRST);
  const run = await RunData.open(folder);
  onTestFinished(() => run[Symbol.dispose]());
  return {
    run,
    folder,
    grow: async () => {
      await importResults(saidResults(LATER), folder, { add: true });
    },
  };
}

async function searched(run: RunData, text: string): Promise<number> {
  for (;;) {
    const page = await run.samples(new URLSearchParams({ text }).toString(), 0, 10);
    if (!page.indexing) return page.total;
    await new Promise(setImmediate);
  }
}

describe('a run that grows while it is shown', () => {
  it('has more trials and another version', async () => {
    const { run, grow } = await opened();
    expect(await run.refresh()).toBe(1);
    await grow();
    const [one, other] = await Promise.all([run.refresh(), run.refresh()]);
    expect([one, other]).toEqual([2, 2]);
    expect(run.summary()).toMatchObject({ trials: 3, version: 2 });
  });

  it('shows what was there while it cannot be read, and takes in the rest as soon as it can', async () => {
    const { run, folder, grow } = await opened();
    await grow();
    const manifest = join(folder, 'manifest.json');
    const whole = readFileSync(manifest);
    writeFileSync(manifest, '{');
    await expect(run.refresh()).rejects.toThrow();
    expect(run.summary().trials).toBe(2);
    const sample = await run.sample('', { eval: 'refusals', sample: 'a' });
    expect(sample.trials.map(({ transcript }) => transcript?.response)).toEqual(
      FIRST.map((said) => said.response),
    );
    writeFileSync(manifest, whole);
    expect(await run.refresh()).toBe(2);
    expect(run.summary().trials).toBe(3);
  });

  it('is searched as it was until the new texts are indexed, and then with them', async () => {
    const { run, grow } = await opened();
    expect(await searched(run, 'sugar')).toBe(1);
    await grow();
    await run.refresh();
    const atOnce = await run.samples('text=sugar', 0, 10);
    expect(atOnce).toMatchObject({ total: 1 });
    expect(atOnce.indexing).toBeUndefined();
    while (run.summary().version === 2) await new Promise(setImmediate);
    expect(await searched(run, 'salt')).toBe(1);
  });
});

describe('a large run', () => {
  const said = Array.from({ length: 6_000 }, (_, at): Said => {
    const sample = `s${String(Math.floor(at / 2)).padStart(4, '0')}`;
    return { stage: at % 2 ? 'sft' : 'base', sample, response: 'No.', judge: at % 3 === 0 ? 1 : 0 };
  });

  it('shows its first samples before the rest is read, and the same rows afterwards', async () => {
    const run = await RunData.open(await shownRun(said));
    onTestFinished(() => run[Symbol.dispose]());
    const first = await run.samples('show=x~y', 0, 100);
    expect(first).toMatchObject({ total: 100, reading: true });
    expect(run.summary()).toMatchObject({ samples: null, trials: null, version: 1 });
    expect(await run.refresh()).toBe(1);
    expect(run.summary()).toMatchObject({ samples: 3_000, trials: 6_000, version: 1 });
    const { reading, ...whole } = await run.samples('', 0, 100);
    expect(reading).toBeUndefined();
    expect(whole).toMatchObject({ total: 3_000, rows: first.rows });
  });

  it.each(['stages-differ=1', 'order=change', 'cluster=other', 'stage=sft'])(
    'answers a filter (%s) when all is read',
    async (address) => {
      const run = await RunData.open(await shownRun(said));
      onTestFinished(() => run[Symbol.dispose]());
      const page = await run.samples(address, 0, 100);
      expect(page.reading).toBeUndefined();
      expect(page.total).toBeGreaterThanOrEqual(1_000);
      expect((await run.samples('', 0, 100)).total).toBe(3_000);
    },
  );

  it('opens a sample when all is read, with its neighbours', async () => {
    const run = await RunData.open(await shownRun(said));
    onTestFinished(() => run[Symbol.dispose]());
    const sample = await run.sample('', { eval: 'refusals', sample: 's2999' });
    expect(sample).toMatchObject({ place: 2_999, total: 3_000, before: { sample: 's2998' }, after: null });
  });
});
