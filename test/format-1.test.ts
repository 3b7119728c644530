import { cpSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFindings } from '../src/findings/index.ts';
import { openRun, openRunWriter } from '../src/records/index.ts';
import { rateRun, runStatus, runStudy } from '../src/run/index.ts';
import { loadStudy, planStudy } from '../src/study/index.ts';
import { exportSheet, importSheet } from '../src/workbench/labels/index.ts';

/* `test/format-1/` holds a study, and a run of it that stemma 0.1 made: two stages, four samples, a rule, two labels. */

let folder: string;
let run: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-format-1-'));
  run = join(folder, 'run');
  cpSync(join(import.meta.dirname, 'format-1'), folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const MAIN = ['transcripts/main.jsonl', 'ratings/main.jsonl'];
const main = () => MAIN.map((name) => readFileSync(join(run, name), 'utf8'));

/** The plan of the study, with this limit. */
async function planOf(limit = 4) {
  const file = join(folder, 'study.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/limit: \d+/, `limit: ${limit}`));
  return planStudy(await loadStudy(file));
}

/** How many trials each rater has rated, on however many measures. */
async function ratersOfTrials(): Promise<Record<string, number>> {
  using reader = await openRun(run);
  const keys = Map.groupBy(reader.ratingRows(), ({ rater }) => rater);
  return Object.fromEntries(
    [...keys].map(([rater, rows]) => [rater, new Set(rows.map(({ key }) => key)).size]),
  );
}

describe('a run of format 1', () => {
  it('is read, and stays as it is', async () => {
    using reader = await openRun(run);
    expect(reader.manifest.formatVersion).toBe(1);
    expect([...reader.trials()]).toHaveLength(8);
    expect(reader.damaged).toEqual([]);
    for (const { key } of reader.trials()) expect((await reader.transcript(key))?.key).toBe(key);
    expect(await ratersOfTrials()).toEqual({ rule: 8, 'human-ada': 2 });
    expect(await runStatus(run)).toMatchObject({ complete: true, total: { planned: 8, done: 8 } });
    const findings = await makeFindings(reader);
    expect(findings.run).toBe('format-1');
    expect(findings.measures.map(({ id }) => id)).toContain('refusals/over-refusal');
    expect(JSON.parse(readFileSync(join(run, 'manifest.json'), 'utf8')).formatVersion).toBe(1);
  });

  it('is continued: nothing is asked again, and growth goes to segments of format 2', async () => {
    const before = main();
    // The rule is another one since. It rates what is there again; no stage is asked.
    expect(await runStudy(await planOf(), { folder: run })).toMatchObject({
      complete: true,
      tokens: { input: 0 },
    });
    expect(existsSync(join(run, 'transcripts/elicit.jsonl'))).toBe(false);
    expect(await runStudy(await planOf(6), { folder: run })).toMatchObject({
      trials: { done: 4, skipped: 8 },
      complete: true,
    });
    expect(main()).toEqual(before);
    using reader = await openRun(run);
    expect(reader.manifest).toMatchObject({
      formatVersion: 2,
      growth: [
        { what: 'raters.rule: the rule changed since, and rates all answers again' },
        { what: 'evals.refusals: 4 samples → 6' },
      ],
    });
    expect([...reader.trials()]).toHaveLength(12);
    expect(await ratersOfTrials()).toEqual({ rule: 12, 'human-ada': 2 });
    expect(readFileSync(join(run, 'transcripts/elicit.jsonl'), 'utf8')).toMatch(
      /^(\{"key":.*,"crc32":"[0-9a-f]{8}"\}\n){4}$/,
    );
  });

  it('that was killed is continued: what was torn is asked again', async () => {
    const file = join(run, MAIN[0]!);
    truncateSync(file, readFileSync(file).length - 10);
    expect(await runStudy(await planOf(), { folder: run })).toMatchObject({ complete: true });
    expect(readFileSync(join(run, 'transcripts/elicit.jsonl'), 'utf8').split('\n')).toHaveLength(2);
    using reader = await openRun(run);
    expect([...reader.trials()].map(({ status }) => status)).toEqual(Array(8).fill('completed'));
    expect(reader.damaged).toEqual([]);
  });

  it('is rated by another rater, and once more by the same', async () => {
    await rateRun({
      folder: run,
      raters: [{ id: 'again', kind: 'rule', rule: 'string-match' }],
    });
    expect(await ratersOfTrials()).toEqual({ rule: 8, again: 8, 'human-ada': 2 });
    // A later rating replaces one of format 1, though its segment's name sorts first.
    await using writer = await openRunWriter(run);
    using reader = await openRun(run);
    const [rating] = (await reader.ratingsOf([...reader.trials()][0]!.key)).filter(
      ({ rater }) => rater === 'rule',
    );
    await writer.appendRatings([{ ...rating!, value: 0.25 }]);
    const now = await writer.reader.ratingsOf(rating!.key);
    expect(now.filter(({ rater }) => rater === 'rule').map(({ value }) => value)).toEqual([0.25]);
  });

  it('is labelled on: labels that were given stay, and one can be taken back', async () => {
    const sheet = {
      folder: run,
      measures: ['over-refusal'],
      labeller: 'ada',
      file: join(folder, 'sheet.csv'),
    };
    expect(await exportSheet(sheet)).toBe(2);
    using before = await openRun(run);
    const [frame] = before.labelFrames();
    const keys = frame!.trials.flatMap(({ key, place }) => (place === undefined ? [] : [key]));
    writeFileSync(sheet.file, `key,label\n${keys.map((key) => `${key},no_answer`).join('\n')}\n`);
    expect(await importSheet(sheet)).toMatchObject({ rater: 'human-ada', recorded: 4 });
    using after = await openRun(run);
    for (const key of keys) {
      const labels = (await after.ratingsOf(key)).filter(({ rater }) => rater === 'human-ada');
      expect(labels.map(({ label }) => label)).toEqual(['no_answer']);
    }
  });
});
