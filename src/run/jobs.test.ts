import { describe, expect, it } from 'vitest';
import { parseTrialKey, type TrialKey, trialKey } from '../core/index.ts';
import type { RatingRow, RunReader, TrialRow } from '../records/index.ts';
import type { Losses } from '../records/run.ts';
import { type Job, type JobPlan, missingBySample, missingJobs } from './jobs.ts';
import { Recorded } from './recorded.ts';
import { sampleOrder } from './sample-order.ts';

const samples = Array.from({ length: 6 }, (_, i) => ({ id: `s${i}`, cluster: `c${i % 2}` }));
const plan: JobPlan = {
  stages: ['sft', 'rl'],
  evals: [
    {
      id: 'e',
      epochs: 2,
      samples,
      raters: [
        { id: 'rule', questions: ['q'] },
        { id: 'judge', questions: ['q', 'r'] },
      ],
    },
  ],
  seed: 3,
  elicits: true,
};
const order = sampleOrder(samples, { name: 'e', seed: 3 }).map(({ id }) => id);
const RATERS = ['rule', 'judge'];

interface Records {
  readonly losses?: Partial<Losses>;
  readonly trials?: Readonly<Record<TrialKey, Partial<TrialRow>>>;
  readonly ratings?: readonly (readonly [key: TrialKey, rater: string, status?: RatingRow['status']])[];
}

function recorded({ trials = {}, ratings = [], losses = {} }: Records, retryErrors = false): Recorded {
  const reader = {
    trials: () =>
      Object.entries(trials).map(([key, row]) => ({
        key,
        ...parseTrialKey(key),
        attempt: 1,
        status: 'completed',
        cluster: 'c0',
        ...row,
      })),
    losses: () => ({ transcripts: new Set(), ratings: new Map(), ratedAttempts: new Map(), ...losses }),
    ratingRows: () =>
      ratings.map(([key, rater, status = 'rated']) => ({
        key,
        rater,
        status,
        measure: 'm',
        labelAlone: false,
      })),
  } as unknown as RunReader;
  return new Recorded(reader, RATERS, { retryErrors });
}

const words = (jobs: Iterable<Job>) =>
  [...jobs].map(
    (job) => `${job.kind === 'elicit' ? `elicit ${job.attempt}` : job.rater} ${trialKey(job.trial)}`,
  );

describe('missingJobs', () => {
  it('lists everything for an empty run: sample by sample, all answers of a sample and then all its ratings', () => {
    const jobs = [...missingJobs(plan, recorded({}))];
    expect(jobs).toHaveLength(6 * (4 + 8));
    const groups = [...missingBySample(plan, recorded({}))];
    expect(groups.flat()).toEqual(jobs);
    expect(groups.map(([first]) => first!.trial.sample)).toEqual(order);
    const key = (stage: string, epoch: number) => `${stage}/e/${order[0]}#${epoch}`;
    const trials = [key('sft', 1), key('rl', 1), key('sft', 2), key('rl', 2)];
    expect(words(groups[0]!)).toEqual([
      ...trials.map((trial) => `elicit 1 ${trial}`),
      ...trials.flatMap((trial) => [`rule ${trial}`, `judge ${trial}`]),
    ]);
    expect(groups[0]!.at(-1)).toMatchObject({ rater: 'judge', questions: ['q', 'r'] });
  });

  it('lists nothing where nothing is missing', () => {
    const keys = samples.flatMap(({ id }) =>
      ['sft', 'rl'].flatMap((stage) => [1, 2].map((epoch) => `${stage}/e/${id}#${epoch}`)),
    );
    const all = {
      trials: Object.fromEntries(keys.map((key) => [key, {}])),
      ratings: keys.flatMap((key) => RATERS.map((rater) => [key, rater] as const)),
    };
    expect([...missingJobs(plan, recorded(all))]).toEqual([]);
    const { trials, ratings } = all;
    expect(words(missingJobs(plan, recorded({ trials, ratings: ratings.slice(1) })))).toEqual([
      `rule ${keys[0]}`,
    ]);
  });

  it('begins with the samples that were begun', () => {
    const last = order.at(-1)!;
    const begun = recorded({ trials: { [`rl/e/${last}#2`]: {} }, ratings: [[`rl/e/${last}#2`, 'judge']] });
    const groups = [...missingBySample(plan, begun)];
    expect(groups.map(([first]) => first!.trial.sample)).toEqual([last, ...order.slice(0, -1)]);
    expect(words(groups[0]!)).toContain(`rule rl/e/${last}#2`);
    expect(words(groups[0]!)).not.toContain(`judge rl/e/${last}#2`);
    expect(words(groups[0]!)).not.toContain(`elicit 1 rl/e/${last}#2`);
  });

  it('rates no error, and tries errors again only when asked to', () => {
    const records = { trials: { 'sft/e/s0#1': { status: 'error', attempt: 2 } } } as const;
    const once = words(missingJobs(plan, recorded(records)));
    expect(once.filter((word) => word.endsWith('sft/e/s0#1'))).toEqual([]);
    const again = words(missingJobs(plan, recorded(records, true)));
    expect(again.filter((word) => word.endsWith('sft/e/s0#1'))).toEqual([
      'elicit 3 sft/e/s0#1',
      'rule sft/e/s0#1',
      'judge sft/e/s0#1',
    ]);
  });

  it('asks a rater again for all measures where one failed, only when asked to', () => {
    const records: Records = {
      trials: { 'sft/e/s0#1': {} },
      ratings: [
        ['sft/e/s0#1', 'judge', 'error'],
        ['sft/e/s0#1', 'judge'],
        ['sft/e/s0#1', 'rule'],
      ],
    };
    const of = (retry: boolean) =>
      words(missingJobs(plan, recorded(records, retry))).filter((word) => word.endsWith('sft/e/s0#1'));
    expect([of(false), of(true)]).toEqual([[], ['judge sft/e/s0#1']]);
  });

  it('asks again what damage took, with an attempt above all that were rated', () => {
    const records: Records = {
      trials: { 'sft/e/s0#1': { attempt: 1 }, 'rl/e/s0#1': {} },
      ratings: [
        ['rl/e/s0#1', 'judge'],
        ['rl/e/s0#1', 'rule'],
      ],
      losses: {
        transcripts: new Set(['sft/e/s0#1']),
        ratings: new Map([['judge', new Set(['rl/e/s0#1'])]]),
        ratedAttempts: new Map([
          ['sft/e/s0#1', 2],
          ['sft/e/s0#2', 1],
        ]),
      },
    };
    const jobs = words(missingJobs(plan, recorded(records)));
    expect(jobs.filter((word) => word.startsWith('elicit') && word.includes('sft/e/s0'))).toEqual([
      'elicit 3 sft/e/s0#1',
      'elicit 2 sft/e/s0#2',
    ]);
    expect(jobs.filter((word) => word.endsWith('rl/e/s0#1'))).toEqual(['judge rl/e/s0#1']);
  });

  it('lists only ratings of what is recorded where no checkpoint is asked', () => {
    const records = { trials: { 'sft/e/s0#1': {}, 'rl/e/s0#1': { status: 'error' } } } as const;
    expect(words(missingJobs({ ...plan, elicits: false }, recorded(records)))).toEqual([
      'rule sft/e/s0#1',
      'judge sft/e/s0#1',
    ]);
  });
});
