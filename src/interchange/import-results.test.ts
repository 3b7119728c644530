import { describe, expect, it } from 'vitest';
import { InputError, noUsage, type PublishedResults, trialKey } from '../core/index.ts';
import { runStudy } from '../run/run-study.ts';
import { runStatus } from '../run/status.ts';
import { planOf, recordsOf, temporaryFolder } from '../run/testing/study.ts';
import { yesNo } from '../run/testing/yes-no.ts';
import { type ImportSummary, importResults } from './import-results.ts';

/** Results of two models on so many samples, rated by two humans; reading them fails after `failAfter`. */
function published(
  samples: number,
  { source = 'Nobody et al. 2026', failAfter = Number.POSITIVE_INFINITY } = {},
): PublishedResults {
  const { name, version, measures } = yesNo(0);
  const human = (id: string) => ({ id, kind: 'human' as const, digests: {} });
  return {
    name: 'published',
    source,
    citation: 'Nobody et al., Journal of Nothing, 2026',
    stages: ['alpha', 'beta'].map((id) => ({ id, kind: 'imported', from: null, model: id })),
    evals: [
      {
        id: name,
        eval: name,
        version,
        measures,
        epochs: 1,
        options: {},
        samples: { count: samples, clusters: 5, digest: '0' },
      },
    ],
    raters: [human('first'), human('second')],
    async *trials() {
      let given = 0;
      for (let i = 0; i < samples; i++) {
        for (const stage of ['alpha', 'beta']) {
          if (given++ >= failAfter)
            throw new InputError('the file ends here', { place: { file: 'results.csv', line: i } });
          const trial = { stage, eval: name, sample: `item-${i}`, epoch: 1 };
          const key = trialKey(trial);
          yield {
            transcript: {
              key,
              trial,
              attempt: 1,
              status: 'completed',
              cluster: `theme-${i % 5}`,
              digests: { sample: '0', sampling: '0' },
              seed: null,
              metadata: {},
              input: [{ role: 'user', content: `Is item ${i} fine?` }],
              output: [{ role: 'assistant', content: 'yes' }],
              thoughts: null,
              response: 'yes',
              usage: noUsage,
              startedAt: null,
              durationMs: null,
              calls: 0,
              requests: 0,
              raw: [],
            },
            ratings: ['first', 'second'].map((rater) => ({
              key,
              measure: measures[0]!.id,
              rater,
              raterDigest: '0',
              attempt: 1,
              status: 'rated',
              value: i % 2,
            })),
          };
        }
      }
    },
  };
}

describe('importResults', () => {
  it('writes a run of published results, every rater kept apart', async () => {
    const folder = await temporaryFolder();
    const told: number[] = [];
    const onWritten = ({ trials }: ImportSummary) => told.push(trials);
    const summary = await importResults(published(700), folder, { onWritten });
    expect(summary).toEqual({ trials: 1400, ratings: 2800 });
    expect(told).toEqual([1024, 1400]);
    const { transcripts, ratings } = await recordsOf(folder);
    expect([transcripts.length, ratings.length]).toEqual([1400, 2800]);
    expect(await runStatus(folder)).toMatchObject({
      origin: 'import',
      complete: true,
      total: { planned: 1400, done: 1400 },
    });
  });

  it('goes on with an import that was cut short, and writes nothing twice', async () => {
    const folder = await temporaryFolder();
    await expect(importResults(published(900, { failAfter: 1300 }), folder)).rejects.toThrow(
      'the file ends here',
    );
    const { transcripts } = await recordsOf(folder);
    expect(transcripts.length).toBeGreaterThan(500);
    expect(transcripts.length).toBeLessThan(1300);
    const rest = await importResults(published(900), folder);
    expect(rest).toEqual({ trials: 1800 - transcripts.length, ratings: 3600 - 2 * transcripts.length });
    expect(await importResults(published(900), folder)).toEqual({ trials: 0, ratings: 0 });
    const all = await recordsOf(folder);
    expect([all.transcripts.length, all.ratings.length]).toEqual([1800, 3600]);
  });

  it('refuses a run of anything else', async () => {
    const folder = await temporaryFolder();
    await importResults(published(3), folder);
    await expect(importResults(published(3, { source: 'Somebody 2025' }), folder)).rejects.toThrow(
      /holds another run:\n {2}- it was imported from Nobody et al\. 2026/,
    );
    await expect(importResults(published(4), folder)).rejects.toThrow(
      /its stages, evals, raters or margins are others/,
    );
    const study = await temporaryFolder();
    await runStudy(await planOf({}), { folder: study });
    await expect(importResults(published(3), study)).rejects.toThrow(/it was made by running a study/);
  });
});
