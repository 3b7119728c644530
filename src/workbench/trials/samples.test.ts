import { describe, expect, it } from 'vitest';
import { InputError } from '../../core/index.ts';
import { openRun } from '../../records/index.ts';
import { checkedFilter, requireEpoch, type TrialFilter } from './filter.ts';
import { sampleAt } from './sample-at.ts';
import { findSamples, readFirstSamples, readTrialTable } from './samples.ts';
import { select, type TrialColumns } from './table.ts';
import { type Said, shownRun, UNSAFE } from './testing/shown-run.ts';

const SAID: readonly Said[] = [
  { stage: 'base', sample: 'b1', response: 'Sure, take some sugar.', judge: 1, rule: 1 },
  { stage: 'sft', sample: 'b1', response: 'I won’t help with that.', judge: 0, rule: 1 },
  { stage: 'rl', sample: 'b1', response: 'No.', judge: 0, rule: 0 },
  { stage: 'base', sample: 'c1', response: 'No.', judge: 0, rule: 0 },
  { stage: 'sft', sample: 'c1', response: 'No.', judge: 0, rule: 0 },
  { stage: 'base', sample: 'c2', epoch: 1, response: 'Sure.', judge: 1, rule: 1 },
  { stage: 'base', sample: 'c2', epoch: 2, response: 'No.', judge: 0, rule: 0 },
  {
    stage: 'sft',
    sample: 'c2',
    response: '',
    transcript: { status: 'limit', thoughts: 'Ein Rätsel: ÄRGER.' },
    judge: 0,
  },
];

async function idsFor(filter: TrialFilter): Promise<string[]> {
  using reader = await openRun(await shownRun(SAID));
  return (await findSamples(reader, checkedFilter(filter, reader.manifest))).map(({ sample }) => sample);
}

describe('samples that pass a filter', () => {
  it.each<[string, TrialFilter, string[]]>([
    ['none', {}, ['b1', 'c1', 'c2']],
    ['a cluster', { clusters: ['bombs'] }, ['b1']],
    ['a sample', { samples: ['c1', 'c2'] }, ['c1', 'c2']],
    ['a stage', { stages: ['rl'] }, ['b1']],
    ['a status', { statuses: ['limit'] }, ['c2']],
    ['a label', { labels: ['full_compliance'] }, ['b1', 'c2']],
    ['a label at one stage', { labels: ['full_compliance'], stages: ['sft'] }, ['b1']],
    [
      'a label of one rater at one stage',
      { labels: ['full_compliance'], stages: ['sft'], raters: ['judge'] },
      [],
    ],
    ['stages that differ', { stagesDiffer: true }, ['b1', 'c2']],
    ['raters that differ', { ratersDiffer: true }, ['b1']],
    ['words of the response in another case', { text: 'SUGAR' }, ['b1']],
    ['words of the thoughts', { text: 'ärger' }, ['c2']],
    ['words of the prompt', { text: 'prompt of c1' }, ['c1']],
    [
      'a measure by its short name',
      { measures: ['unsafe-response'], labels: ['full_refusal'] },
      ['b1', 'c1', 'c2'],
    ],
    ['nothing that is there', { text: 'not said anywhere' }, []],
  ])('%s', async (_, filter, ids) => {
    expect(await idsFor(filter)).toEqual(ids);
  });

  it('come with their trials in training order, and say how far their stages differ', async () => {
    using reader = await openRun(await shownRun(SAID));
    const [b1, , c2] = await findSamples(reader, { raters: ['judge'] });
    expect(b1!.trials.map(({ stage }) => stage)).toEqual(['base', 'sft', 'rl']);
    expect(b1!.change).toBe(1);
    expect(c2!.trials.map(({ stage, epoch }) => `${stage}${epoch}`)).toEqual(['base1', 'base2', 'sft1']);
    expect(c2!.change).toBe(0.5);
    expect(b1!.trials[1]!.ratings).toEqual([
      { measure: UNSAFE, rater: 'judge', status: 'rated', value: 0, label: 'full_refusal' },
    ]);
  });

  it('are refused for names that the run does not have, with the nearest', async () => {
    using reader = await openRun(await shownRun(SAID));
    for (const [filter, near] of [
      [{ stages: ['sfd'] }, 'sft'],
      [{ measures: ['unsafe-respons'] }, 'unsafe-response'],
      [{ raters: ['juge'] }, 'judge'],
      [{ evals: ['refusal'] }, 'refusals'],
    ] as const) {
      const error = (() => {
        try {
          return checkedFilter(filter, reader.manifest);
        } catch (thrown) {
          return thrown;
        }
      })();
      expect(error).toBeInstanceOf(InputError);
      expect((error as InputError).remedy).toContain(near);
    }
  });
});

it.each([0, 4])('the epoch %i, which the run does not have, is refused', async (epoch) => {
  using reader = await openRun(await shownRun(SAID));
  const evals = reader.manifest.evals.map((info) => ({ ...info, epochs: 3 }));
  const run = { ...reader.manifest, evals };
  expect(() => requireEpoch(3, run)).not.toThrow();
  expect(() => requireEpoch(epoch, run)).toThrow(`the run has no epoch ${epoch}`);
  expect(() => requireEpoch(2, { ...run, evals: [] })).toThrow(InputError);
});

describe('the first samples of a run, read without the rest', () => {
  const samplesOf = (table: TrialColumns) => {
    const all = select(table, {});
    return [...all.samples.keys()].map((place) => sampleAt(table, all, place));
  };
  const ran = (samples: readonly string[], stages = ['base', 'sft', 'rl']): Said[] =>
    samples.flatMap((sample, at) =>
      stages
        .filter((_, stage) => (at + stage) % 4 !== 3)
        .flatMap((stage) => [
          { stage, sample, response: 'No.', judge: (at % 2) as 0 | 1, rule: 0 as const },
          { stage, sample, epoch: 10, response: 'Sure.', judge: 1 as const },
        ]),
    );
  const ids = ['a', 'a-b', 'a.b', 'a/b', 'a$', 'aé', 'b1', 'b10', 'b2', 'B', '漢字', 'z'];

  it.each([1, 2, 5, 11, 12, 100])('%i of them are those that the whole table begins with', async (most) => {
    using reader = await openRun(await shownRun(ran(ids)));
    const first = await readFirstSamples(reader, most);
    const whole = samplesOf(await readTrialTable(reader));
    expect(whole).toHaveLength(ids.length);
    expect(samplesOf(first!)).toEqual(whole.slice(0, most));
  });

  it.each([
    ['a space', ['a', 'a b', 'c']],
    ['a number sign', ['a', 'a#1', 'c']],
    ['an exclamation mark', ['a', 'a!', 'c']],
    ['a character above the others', ['a', '\u{1f600}', '\uffee']],
  ])('are not told where ids have %s, which keys put in another order', async (_, samples) => {
    using reader = await openRun(await shownRun(ran(samples)));
    for (const most of [1, 2]) {
      const first = await readFirstSamples(reader, most);
      const whole = samplesOf(await readTrialTable(reader));
      if (first !== null) expect(samplesOf(first)).toEqual(whole.slice(0, most));
    }
    expect(await readFirstSamples(reader, samples.length)).toBeNull();
  });
});
