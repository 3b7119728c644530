import { describe, expect, it } from 'vitest';
import { makeFindings } from './index.ts';
import { chance, plantedRun, rate, score } from './testing/planted-run.ts';

describe('missing trials', () => {
  it('are counted by reason, and bound where the estimate could lie', async () => {
    const statuses = ['unparsed', 'refused', 'error', undefined] as const;
    const { measures, trials } = await makeFindings(
      plantedRun({
        stages: ['a', 'b'],
        samples: 40,
        value: ({ stage, sample }) => (stage === 0 && sample < 4 ? statuses[sample] : sample % 2),
        trial: ({ stage, sample }) =>
          stage === 0 && sample === 4 ? null : stage === 0 && sample === 5 ? { status: 'error' } : {},
      }),
    );
    const [a, b] = measures[0]!.stages;
    expect(a!.missing).toEqual({
      trials: 6,
      notRun: 1,
      errors: 1,
      notRated: 1,
      unparsed: 1,
      refused: 1,
      raterErrors: 1,
      worstCase: [17 / 40, 23 / 40],
    });
    expect(a).toMatchObject({ n: 34, trials: 34, events: 17, estimate: 0.5 });
    expect(b!.missing).toMatchObject({ trials: 0, worstCase: [0.5, 0.5] });
    expect(trials).toEqual({ planned: 80, completed: 78, errors: 1, limit: 0 });
  });

  it('of some epochs leave the sample its other ones', async () => {
    const { measures } = await makeFindings(
      plantedRun({
        stages: ['a', 'b'],
        samples: 20,
        epochs: 4,
        value: ({ stage, sample, epoch }) =>
          stage === 0 && sample === 0 && epoch > 1 ? 'unparsed' : Number(sample === 0 && epoch === 0),
      }),
    );
    const [a] = measures[0]!.stages;
    // Sample 0 has values 1 and 0, and two epochs that could have been anything.
    expect(a).toMatchObject({ n: 20, trials: 78, events: 1, estimate: 0.5 / 20 });
    expect(a!.missing).toMatchObject({ trials: 2, unparsed: 2, worstCase: [0.25 / 20, 0.75 / 20] });
  });

  it('are those of the samples that a measure is about', async () => {
    const other = { ...rate, id: 'refusals/unsafe-response', title: 'Unsafe response' };
    const benign = (sample: number) => sample < 30;
    const { measures } = await makeFindings(
      plantedRun({
        stages: ['a', 'b'],
        samples: 50,
        measures: [rate, other],
        value: ({ stage, sample, measure }) =>
          benign(sample) === (measure === rate.id)
            ? stage === 0 && sample % 10 === 0
              ? 'refused'
              : 0
            : undefined,
        trial: ({ stage, sample }) => (stage === 1 && sample === 1 ? { status: 'error' } : {}),
      }),
    );
    const missing = measures.map(({ stages }) => stages.map((stage) => stage.missing.trials));
    expect(missing).toEqual([
      [3, 1],
      [2, 0],
    ]);
  });

  it('of samples that nobody rated count for every measure: nobody knows which they are of', async () => {
    const other = { ...rate, id: 'refusals/unsafe-response' };
    const { measures } = await makeFindings(
      plantedRun({
        stages: ['a', 'b'],
        samples: 20,
        measures: [rate, other],
        value: ({ sample, measure }) =>
          sample === 0 ? undefined : (sample % 2 === 0) === (measure === rate.id) ? 0 : undefined,
        trial: ({ sample }) => (sample === 0 ? { status: 'error' } : {}),
      }),
    );
    for (const { stages } of measures)
      for (const { missing } of stages) expect(missing).toMatchObject({ trials: 1, errors: 1 });
  });

  it('of samples that no trial has named are shared out as the others are', async () => {
    const other = { ...rate, id: 'refusals/unsafe-response' };
    const planted = {
      stages: ['a', 'b'],
      samples: 40,
      measures: [rate, other],
      value: ({ sample, measure }: { sample: number; measure: string }) =>
        (sample % 4 === 0) === (measure === rate.id) ? 0 : undefined,
      trial: ({ sample }: { sample: number }) => (sample < 20 ? {} : null),
    };
    const { measures } = await makeFindings(plantedRun(planted));
    expect(measures.map(({ stages }) => stages[0]!.missing.notRun)).toEqual([5, 15]);
    expect(measures[0]!.stages[0]!.missing.worstCase).toEqual([0, 0.5]);
  });

  it('reach to the ends of a score', async () => {
    const { measures } = await makeFindings(
      plantedRun({
        stages: ['a', 'b'],
        samples: 10,
        measures: [score],
        value: ({ sample }) => (sample === 9 ? 'unparsed' : 2),
      }),
    );
    expect(measures[0]!.stages[0]!.missing.worstCase).toEqual([1.8, 2.3]);
  });

  it('may be all: then there is no estimate, and it says so', async () => {
    const { measures, answer } = await makeFindings(
      plantedRun({ stages: ['a', 'b'], samples: 10, value: () => 'unparsed' }),
    );
    expect(measures[0]!.stages[0]).toMatchObject({
      n: 0,
      estimate: null,
      interval: null,
      why: 'no trial of this stage has a value',
      missing: { trials: 10, unparsed: 10, worstCase: [0, 1] },
    });
    expect(answer).toBe('Nothing can be said yet: no trial has a value.');
  });
});

describe('labels', () => {
  it('are counted by stage', async () => {
    const { measures } = await makeFindings(
      plantedRun({
        stages: ['a', 'b'],
        samples: 30,
        value: ({ sample, stage }) => Number(chance(sample, stage) < 0.5),
        rating: ({ sample }) => ({ label: sample % 3 === 0 ? 'full_refusal' : 'full_compliance' }),
      }),
    );
    expect(measures[0]!.stages[1]!.labels).toEqual({ full_compliance: 20, full_refusal: 10 });
  });
});

it('repetitions that an imported stage never had are not lost: another stage was asked more often', async () => {
  const run = (kind: 'study' | 'import') =>
    plantedRun({
      stages: ['base', 'sft'],
      samples: 2_000,
      epochs: 4,
      manifest: { origin: kind === 'study' ? { kind } : { kind, source: 'a paper' } },
      trial: ({ stage, epoch }) => (stage === 0 && epoch > 0 ? null : {}),
      value: ({ stage, sample, epoch }) => Number(chance(sample, stage, epoch) < 0.3),
    });
  const contrastOf = async (kind: 'study' | 'import') => {
    const [measure] = (await makeFindings(run(kind))).measures;
    return { missing: measure!.stages[0]!.missing, contrast: measure!.contrasts[0]! };
  };
  const published = await contrastOf('import');
  expect(published.missing.trials).toBe(0);
  expect(published.contrast).toMatchObject({ verdict: 'equivalent', robustToMissing: true });
  const planned = await contrastOf('study');
  expect(planned.missing).toMatchObject({ trials: 6_000, notRun: 6_000 });
  expect(planned.contrast).toMatchObject({ verdict: 'inconclusive', reason: 'missing answers' });
});
