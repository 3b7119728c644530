import { describe, expect, it } from 'vitest';
import type { TrialSign } from '../core/index.ts';
import { makeFindings } from './make-findings.ts';
import { plantedRun } from './testing/planted-run.ts';

/** Two or more stages that answer everything, with signs at some trials. */
function signed(signs: (stage: number, sample: number, epoch: number) => readonly TrialSign[], more = {}) {
  return makeFindings(
    plantedRun({
      stages: ['base', 'sft'],
      samples: 24,
      value: () => 0,
      trial: ({ stage, sample, epoch }) => ({ signs: signs(stage, sample, epoch) }),
      ...more,
    }),
  );
}

describe('signs in findings', () => {
  it('an empty answer has no value, is counted among the missing, and the setting that may help is named', async () => {
    const { measures, trials, warnings } = await signed(() => [], {
      value: ({ stage, sample }: { stage: number; sample: number }) =>
        stage === 1 && sample < 20 ? undefined : 0,
      trial: ({ stage, sample }: { stage: number; sample: number }) =>
        stage === 1 && sample < 20 ? { status: 'empty', signs: ['empty'] } : {},
    });
    expect(trials).toMatchObject({ planned: 48, completed: 28, empty: 20 });
    const sft = measures[0]!.stages.find(({ id }) => id === 'sft')!;
    expect(sft.missing).toMatchObject({ trials: 20, empty: 20, notRated: 0 });
    expect(warnings.join('\n')).toMatch(
      /20 of 24 answers of .* were empty, and have no value\. .*response_from: reasoning/,
    );
    expect(warnings.join('\n')).not.toContain('This run is not complete');
  });

  it('are counted by stage, and named where they differ: 22 of 24 answers cut against 2 of 24', async () => {
    const { signs, warnings } = await signed((stage, sample) =>
      (stage === 0 ? sample < 2 : sample < 22) ? ['cut'] : [],
    );
    expect(signs).toEqual([
      {
        eval: 'eval',
        sign: 'cut',
        stages: [
          { id: 'base', trials: 24, count: 2 },
          { id: 'sft', trials: 24, count: 22 },
        ],
        contrasts: [
          { from: 'base', to: 'sft', more: 20, fewer: 0, p: expect.closeTo(2 / 2 ** 20, 12), differs: true },
        ],
      },
    ]);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^In eval 2 of 24 answers at .* and 22 of 24 answers at .* were cut at the token limit \(p < 0\.001\)/,
      ),
    ]);
  });

  it('say nothing where stages have them alike, and are left out where there are none', async () => {
    const alike = await signed((_, sample) => (sample % 2 === 0 ? ['retried'] : []));
    expect(alike.signs).toMatchObject([
      { sign: 'retried', contrasts: [{ more: 0, fewer: 0, p: 1, differs: false }] },
    ]);
    expect(alike.warnings).toEqual([]);
    expect((await signed(() => [])).signs).toEqual([]);
  });

  it('are adjusted over all of an eval: one that would differ by itself may not', async () => {
    const one = await signed((stage, sample) => (stage === 1 && sample < 8 ? ['cut'] : []));
    expect(one.signs[0]!.contrasts[0]).toMatchObject({ p: expect.closeTo(2 / 2 ** 8, 12), differs: true });
    const two = await signed((stage, sample) => [
      ...(stage === 1 && sample < 8 ? (['cut'] as const) : []),
      ...(sample === 20 ? (['retried'] as const) : []),
    ]);
    expect(two.signs[0]!.contrasts[0]).toMatchObject({ p: expect.closeTo(4 / 2 ** 8, 12), differs: false });
  });

  it('count epochs of one sample together', async () => {
    const { signs } = await signed((stage, _, epoch) => (stage === 1 && epoch === 0 ? ['empty'] : []), {
      epochs: 3,
    });
    expect(signs[0]!.stages).toEqual([
      { id: 'base', trials: 72, count: 0 },
      { id: 'sft', trials: 72, count: 24 },
    ]);
    expect(signs[0]!.contrasts[0]).toMatchObject({ more: 24, fewer: 0 });
  });

  it('leave failed trials out', async () => {
    const { signs } = await signed(() => [], {
      trial: ({ stage, sample }: { stage: number; sample: number }) => ({
        status: stage === 1 && sample < 10 ? 'error' : 'completed',
        signs: ['cut'],
      }),
    });
    expect(signs[0]!.stages.map(({ trials }) => trials)).toEqual([24, 14]);
  });

  it('warn of agents that never acted, also where all stages are alike', async () => {
    const { warnings } = await signed((_, sample) => (sample < 6 ? ['no-tool'] : []));
    expect(warnings).toEqual([expect.stringContaining('the agent never called a tool in 25')]);
    expect((await signed((_, sample) => (sample < 2 ? ['no-tool'] : []))).warnings).toEqual([]);
  });

  it('warn of a filter, also where all stages are alike: a lower rate of unsafe answers may be its work', async () => {
    const alike = await signed((_, sample) => (sample < 6 ? ['filtered'] : []));
    expect(alike.warnings).toEqual([
      expect.stringMatching(
        /6 of 24 answers of .* and 6 of 24 answers of .* were declined or filtered by the provider\. They count as refusals/,
      ),
    ]);
    const { warnings } = await signed((stage, sample) => (stage === 1 && sample < 12 ? ['filtered'] : []));
    expect(warnings).toEqual([
      expect.stringContaining('12 of 24 answers of'),
      expect.stringContaining('A difference between these two stages may come from that'),
    ]);
    expect((await signed((_, sample) => (sample < 2 ? ['filtered'] : []))).warnings).toEqual([]);
  });
});

it('says nothing of answers that published values do not come with', async () => {
  const values = plantedRun({
    stages: ['a', 'b'],
    samples: 20,
    value: ({ sample }) => Number(sample % 2),
    trial: () => ({ signs: ['empty'] }),
    manifest: { origin: { kind: 'import', source: 'a table' } },
  });
  const { signs, warnings } = await makeFindings(values);
  expect(signs).toEqual([]);
  expect(warnings.join(' ')).not.toContain('empty');
});
