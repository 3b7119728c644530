import { type Manifest, type PublishedResults, type Rating, trialKey } from '../../core/index.ts';
import type { RunReader, TrialRow } from '../../records/index.ts';
import { MemoryRun } from './memory-run.ts';

/** Published results as a run in memory: what findings read of the folder that they would be imported into. */
export async function publishedRun(results: PublishedResults): Promise<RunReader> {
  const manifest: Manifest = {
    format: 'stemma-run',
    formatVersion: 1,
    stemma: '0.0.0',
    name: results.name,
    createdAt: '2026-01-01T00:00:00.000Z',
    origin: { kind: 'import', source: results.source },
    stages: results.stages,
    evals: results.evals,
    raters: results.raters,
    margins: results.margins ?? { default: 0.05, byMeasure: {} },
    analysis: { contrasts: 'all', bootstrap: 0, seed: 1, headlineRater: null, ...results.analysis },
    study: null,
    digest: 'd',
  };
  const rows: TrialRow[] = [];
  const ratings: Rating[] = [];
  for await (const { transcript, ratings: ofTrial } of results.trials()) {
    rows.push({
      ...transcript.trial,
      key: trialKey(transcript.trial),
      attempt: transcript.attempt,
      status: transcript.status,
      cluster: transcript.cluster,
      sampleDigest: transcript.digests.sample,
      samplingDigest: transcript.digests.sampling,
      inputTokens: transcript.usage.inputTokens,
      outputTokens: transcript.usage.outputTokens,
      served: null,
      answer: null,
      signs: [],
    });
    ratings.push(...ofTrial);
  }
  return new MemoryRun(
    manifest,
    rows.sort((a, b) => (a.key < b.key ? -1 : 1)),
    ratings,
  );
}
