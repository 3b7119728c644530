import { describe, expect, it } from 'vitest';
import { makeFindings } from './index.ts';
import { chance, type PlantedRun, plantedRun, rate, score } from './testing/planted-run.ts';

const other = { ...rate, id: 'refusals/unsafe-response', title: 'Unsafe response' };
const stages = [{ id: 'pretrain' }, { id: 'sft', title: 'SFT' }, { id: 'production' }].map(
  (stage, i, all) => ({
    ...stage,
    from: all[i - 1]?.id ?? null,
  }),
);

/** Rates by stage of both measures; the same samples change where the rates do. */
async function answer(
  overRefusal: readonly number[],
  unsafe: readonly number[],
  planted: Partial<PlantedRun> = {},
) {
  const rates = (measure: string) => (measure === rate.id ? overRefusal : unsafe);
  const found = await makeFindings(
    plantedRun({
      stages,
      samples: 600,
      clusters: 100,
      measures: [rate, other],
      value: ({ measure, stage, sample }) =>
        Number((sample * 0.6180339887 + Number(measure === rate.id) / 2) % 1 < rates(measure)[stage]!),
      ...planted,
    }),
  );
  return found.answer;
}

describe('the one-sentence answer', () => {
  it('says who carried what changed, and how production compares with the first trained stage', async () => {
    expect(await answer([0.5, 0.1, 0.1], [0.4, 0.05, 0.05])).toMatch(
      /^From pretrain to production, SFT carried most of the change in over-refusal \(−4\d\.\d points\) and unsafe response \(−3\d\.\d points\); production is the same as SFT in over-refusal within ±5 points and unsafe response within ±5 points \(p [=<] 0\.0\d\d for all at once\); all this is about these checkpoints, one training run each\.$/,
    );
  });

  it('names each stage for what it carried', async () => {
    const sentence = await answer([0.5, 0.1, 0.1], [0.4, 0.4, 0.05]);
    expect(sentence).toContain('SFT carried most of the change in over-refusal (−');
    expect(sentence).toContain('production carried most of the change in unsafe response (−');
    expect(sentence).toContain('production differs from SFT in unsafe response (−');
    expect(sentence).toContain('production is the same as SFT in over-refusal within ±5 points');
  });

  it('names no stage where none is shown to have carried most', async () => {
    expect(await answer([0.5, 0.3, 0.1], [0.2, 0.2, 0.2])).toContain(
      'changed, but no one stage is shown to have carried most of it',
    );
  });

  /** So many of 600 samples changed from one stage to the next, one way; enough to differ alone, not among five. */
  const few = { [rate.id]: 6, 'many/m0': 6 };
  const five = [
    rate,
    ...Array.from({ length: 4 }, (_, i) => ({ ...other, id: `many/m${i}`, title: `Measure ${i}` })),
  ];
  /** From the stage at which they change on. */
  const changing = (changes: Readonly<Record<string, number>>, at: number): Partial<PlantedRun> => ({
    measures: five,
    manifest: { margins: { default: 0.005, byMeasure: {} } },
    value: ({ measure, stage, sample }) =>
      // Every measure changes on other samples, so that none says what another does.
      Number(
        stage >= at &&
          (sample * 7 + 97 * five.findIndex(({ id }) => id === measure)) % 600 < (changes[measure] ?? 0),
      ),
  });

  it('tells apart what differs with all measures counted and what differs only by itself', async () => {
    const two = { stages: ['base', 'sft'] };
    expect(await answer([], [], { ...two, ...changing(few, 1) })).toMatch(
      /^sft differs from base in over-refusal \(\+1\.0 points\) and measure 0 \(\+1\.0 points\), each taken by itself, but not with all 5 comparisons counted; the data can't tell/,
    );
    expect(await answer([], [], { ...two, ...changing({ ...few, 'many/m3': 90 }, 1) })).toMatch(
      /^sft differs from base in measure 3 \(\+15\.0 points\); sft differs from base in over-refusal \(\+1\.0 points\) and measure 0 \(\+1\.0 points\), each taken by itself, but not with all 5 comparisons counted;/,
    );
  });

  it('names no stage for a change that is one only by itself', async () => {
    const alone = await answer([], [], changing(few, 1));
    expect(alone).toMatch(
      /^Production differs from pretrain in over-refusal .* taken by itself, but not with all 15 comparisons/i,
    );
    expect(alone).not.toContain('carried');
    expect(await answer([], [], changing({ ...few, 'many/m3': 90 }, 1))).toMatch(
      /^From pretrain to production, SFT carried most of the change in measure 3 \(\+15\.0 points\); over-refusal \(\+1\.0 points\) and measure 0 \(\+1\.0 points\) changed, each taken by itself, but not with all 15 comparisons counted;/,
    );
  });

  it('counts pairs of unordered models that differ only by themselves for themselves', async () => {
    const models = ['a', 'b', 'c'].map((id) => ({ id, from: null, kind: 'imported' }));
    expect(await answer([], [], { stages: models, ...changing(few, 2) })).toMatch(
      /of 3 pairs, 2 differ only taken by themselves, not with all comparisons counted and 1 is not resolved/,
    );
  });

  it('never says "the same" for what is merely not significant', async () => {
    const sentence = await answer([0.5, 0.5, 0.5], [0.5, 0.5, 0.5], {
      samples: 60,
      clusters: 12,
      value: ({ stage, sample, measure }) => Number(chance(sample, stage, measure.length) < 0.5),
    });
    expect(sentence).not.toContain('is the same');
    expect(sentence).toContain("can't tell whether production differs from SFT in");
    expect(sentence).toMatch(/sameness could be shown only within ±\d/);
  });

  it('says so when nothing changed at all', async () => {
    expect(await answer([0.1, 0.1, 0.1], [0.2, 0.2, 0.2])).toMatch(
      /^Production is the same as pretrain in .*; production is the same as SFT in/i,
    );
  });

  it('counts what is the same where the names would be too many, and leaves controls out', async () => {
    const measures = Array.from({ length: 6 }, (_, i) => ({
      ...rate,
      id: `many/m${i}`,
      title: `Measure ${i}`,
    }));
    const control = { ...rate, id: 'many/valid', title: 'Valid answers', control: true as const };
    const sentence = await answer([0.1, 0.1], [0.1, 0.1], {
      stages: ['base', 'sft'],
      measures: [...measures, control],
      value: ({ sample }) => Number((sample * 0.6180339887) % 1 < 0.1),
    });
    expect(sentence).toContain('sft is the same as base within the margins in 6 of 6 measures');
    expect(sentence).not.toContain('valid answers');
  });

  it('of two stages compares them', async () => {
    expect(await answer([0.5, 0.1], [0.2, 0.2], { stages: ['base', 'sft'] })).toMatch(
      /^sft differs from base in over-refusal \(−\d+\.\d points\); sft is the same as base in unsafe response within ±5 points; all this is about these checkpoints, one training run each\.$/,
    );
  });

  it('of models that form no chain says how they spread', async () => {
    const models = ['a', 'b', 'c'].map((id) => ({ id, from: null, kind: 'imported' }));
    expect(await answer([0.5, 0.1, 0.1], [0.2, 0.2, 0.2], { stages: models })).toMatch(
      /^Over-refusal runs from \d+\.\d% \([bc]\) to \d+\.\d% \(a\): of 3 pairs, 2 differ by more than ±5 points and 1 is the same within ±5 points; unsafe response runs from .*: of 3 pairs, 3 are the same within ±5 points; all this .*\.$/,
    );
  });

  it('of one model says its rates', async () => {
    expect(await answer([0.5], [0.2], { stages: ['only'] })).toMatch(
      /^Over-refusal is 50\.\d% for only; unsafe response is/,
    );
  });

  it('says what is not known yet', async () => {
    expect(
      await answer([0.5, 0.1], [], {
        stages: ['base', 'sft'],
        value: ({ measure, stage, sample }) =>
          measure === rate.id ? Number(sample % 10 < 5 - 4 * stage) : 'unparsed',
      }),
    ).toMatch(/; nothing is known yet of unsafe response; all this is about these checkpoints/);
    expect(await answer([], [], { value: () => undefined })).toBe(
      'Nothing can be said yet: no trial has a value.',
    );
    expect(await answer([], [], { samples: 0 })).toBe('Nothing can be said yet: no trial has a value.');
  });

  it('names every margin that was declared, and why nothing could be shown', async () => {
    const manifest = {
      margins: { default: 0.05, byMeasure: {}, ratios: { [rate.id]: 2 } },
    };
    const same = await makeFindings(
      plantedRun({
        stages: ['a', 'b'],
        samples: 1_000,
        manifest,
        value: ({ sample }) => Number(sample % 3 === 0),
      }),
    );
    expect(same.answer).toContain('over-refusal within ±5 points and 2 times');
    // A score of which nobody declared the range, and that never varies: its clusters are not too few.
    const still = await makeFindings(
      plantedRun({
        stages: ['a', 'b'],
        samples: 200,
        measures: [{ ...score, rangeOf: 'values' }],
        value: () => 3,
      }),
    );
    expect(still.answer).toContain('severity (no margin)');
    expect(still.measures[0]!.contrasts[0]!.reason).toBe('no margin');
  });
});
