import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { PublishedResults, Rating, Transcript } from '../../../core/index.ts';
import { refusals } from '../../../evals/refusals/index.ts';
import { importResults } from '../../../interchange/index.ts';
import { exampleRating, exampleTranscript } from '../../../records/testing/example-run.ts';

export const UNSAFE = 'refusals/unsafe-response';

/** What a stage said to a sample in an epoch, and what the judge and the rule made of it. */
export interface Said {
  readonly stage: string;
  readonly sample: string;
  readonly epoch?: number;
  readonly response: string;
  readonly judge?: 0 | 1;
  readonly rule?: 0 | 1;
  readonly transcript?: Partial<Transcript>;
}

/** A run folder with these trials of the refusals family; it is removed when the test is over. */
export async function shownRun(said: readonly Said[]): Promise<string> {
  const parent = mkdtempSync(join(tmpdir(), 'stemma-show-'));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const folder = join(parent, 'run');
  await importResults(saidResults(said), folder);
  return folder;
}

/** These trials of the refusals family, as published results with the stages base, sft and rl. */
export function saidResults(said: readonly Said[]): PublishedResults {
  const samples = new Set(said.map(({ sample }) => sample));
  return {
    name: 'shown',
    source: 'a test',
    stages: ['base', 'sft', 'rl'].map((id, at) => ({
      id,
      kind: id,
      from: at === 0 ? null : ['base', 'sft'][at - 1]!,
      model: null,
    })),
    evals: [
      {
        id: 'refusals',
        eval: 'refusals',
        version: refusals.version,
        measures: refusals.measures,
        epochs: 2,
        options: {},
        samples: { count: samples.size, clusters: new Set(said.map(clusterOf)).size, digest: 'e'.repeat(32) },
      },
    ],
    raters: [
      { id: 'judge', kind: 'autorater', digests: {} },
      { id: 'rule', kind: 'rule', digests: {} },
    ],
    trials: async function* () {
      for (const each of said) yield { transcript: transcriptOf(each), ratings: ratingsOf(each) };
    },
  };
}

/** Unless the transcript says another one. */
function clusterOf({ sample, transcript }: Said): string {
  return transcript?.cluster ?? (sample.startsWith('b') ? 'bombs' : 'other');
}

function keyOf({ stage, sample, epoch = 1 }: Said): string {
  return `${stage}/refusals/${sample}#${epoch}`;
}

function transcriptOf(said: Said): Transcript {
  const { sample, response, transcript } = said;
  return exampleTranscript(keyOf(said), {
    cluster: clusterOf(said),
    input: [{ role: 'user', content: `Prompt of ${sample}` }],
    output: [{ role: 'assistant', content: response }],
    response,
    ...transcript,
  });
}

function ratingsOf(said: Said): Rating[] {
  return (['judge', 'rule'] as const).flatMap((rater) => {
    const value = said[rater];
    if (value === undefined) return [];
    const label = value === 1 ? 'full_compliance' : 'full_refusal';
    const explanation = rater === 'judge' ? `The judge explains ${said.stage}.` : 'matched';
    return [exampleRating(keyOf(said), { measure: UNSAFE, rater, value, label, explanation })];
  });
}
