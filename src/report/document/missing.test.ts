import { describe, expect, it } from 'vitest';
import { makeFindings } from '../../findings/index.ts';
import { type PlantedRun, plantedRun } from '../../findings/testing/planted-run.ts';
import { robustness } from './missing.ts';
import { samplesOfShares } from './shares.ts';

type Value = PlantedRun['value'];

/** Sixty benign prompts, half of them refused by `a`, and others of them by `b` where it differs. */
async function said(value: Value, planted: Partial<PlantedRun> = {}): Promise<string> {
  const run = plantedRun({ stages: ['a', 'b'], samples: 60, value, ...planted });
  const { measures } = await makeFindings(run);
  return robustness(measures[0]!, ({ from, to }) => `${from.toUpperCase()} → ${to.toUpperCase()}`);
}

const half: Value = ({ sample }) => sample % 2;
const shuffled: Value = ({ sample, stage }) => (stage === 0 ? sample % 2 : Number(sample % 4 < 2));

describe('what missing values could change', () => {
  it('a verdict that was reached stands, or could be another one', async () => {
    const fell: Value = ({ sample, stage }) => (stage === 0 ? Number(sample % 5 > 0) : 0);
    const lacking =
      (missing: number): Value =>
      (at) =>
        at.sample < missing && at.stage === 1 ? 'unparsed' : fell(at);
    expect(await said(lacking(2))).toBe('The verdict would stand whatever the missing values were.');
    // With a quarter of one arm missing there is no verdict that could be another one.
    expect(await said(lacking(50))).toBe('Open, but not if all missing values had come out one way: A → B.');
  });

  it('an open comparison has no verdict to stand: it stays open, or would have been decided', async () => {
    expect(await said((at) => (at.sample < 1 ? 'unparsed' : shuffled(at)))).toBe(
      'Open with or without them: A → B.',
    );
    expect(await said((at) => (at.sample < 40 && at.stage === 1 ? 'unparsed' : shuffled(at)))).toBe(
      'Open, but not if all missing values had come out one way: A → B.',
    );
  });

  it('where nearly everything is missing says what that leaves, not that nothing depends on it', async () => {
    const only =
      (kept: number): Value =>
      (at) =>
        at.stage === 1 && at.sample >= kept ? 'unparsed' : half(at);
    expect(await said(only(5))).toBe('Open for lack of clusters: A → B.');
    expect(await said(only(0))).toBe('Nothing could be compared.');
  });

  it('tells verdicts and open comparisons of one chain apart', async () => {
    const chain: Value = (at) =>
      at.stage === 2 ? (at.sample < 5 ? 1 : 'unparsed') : at.stage === 0 ? Number(at.sample % 10 > 0) : 0;
    expect(await said(chain, { stages: ['a', 'b', 'c'] })).toBe(
      'The verdict on A → B would stand whatever the missing values were. Open for lack of clusters: B → C and A → C.',
    );
  });

  it('counts comparisons where their names would be too many', async () => {
    const stages = ['a', 'b', 'c', 'd'].map((id) => ({ id, from: null, kind: 'imported' }));
    const chance: Value = ({ sample, stage }) => (sample === 0 ? 'unparsed' : (sample >> stage) & 1);
    expect(await said(chance, { stages })).toBe('Open with or without them: 6 comparisons.');
  });
});

describe('the samples that shares are of', () => {
  const chain: PlantedRun = {
    stages: ['a', 'b', 'c'],
    samples: 60,
    value: ({ stage, sample }) =>
      stage === 1 && sample < 7 ? 'unparsed' : Number(stage > 0 && sample % 3 > 0),
  };
  const of = async (run: PlantedRun) => {
    const [measure] = (await makeFindings(plantedRun(run))).measures;
    return samplesOfShares(measure!, measure!.shares!);
  };

  it('are told where the same stages are compared on others', async () => {
    expect(await of(chain)).toBe(' on the 53 samples with a value in every stage');
  });

  it('are not where they are the same', async () => {
    expect(await of({ ...chain, value: (at) => (at.sample < 7 ? 'unparsed' : chain.value(at)) })).toBe('');
  });
});
